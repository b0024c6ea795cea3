package dev.snapslice.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Permission;
import dev.snapslice.core.testing.ConsumedCapacity;
import dev.snapslice.core.testing.ConsumedCapacity.Total;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.testing.ObservedDynamo;
import dev.snapslice.mlflow.cleanup.CleanUp;
import dev.snapslice.mlflow.table.Deadline;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.Experiments;
import dev.snapslice.mlflow.tracking.Runs;
import dev.snapslice.mlflow.tracking.Trash;
import java.time.Duration;
import java.util.Random;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What calls cost that are not about runs, as {@code docs/mlflow.md} tells it. */
final class CallCostTest {
  private static final String API = "/api/2.0/mlflow/";
  private static final String NEWER = "/api/3.0/mlflow/";
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final Duration KEPT = Duration.ofDays(30);

  private final ConsumedCapacity consumed = new ConsumedCapacity();
  private final TrackingTable table =
      new TrackingTable(
          new ObservedDynamo(LocalDynamo.client(), consumed), LocalDynamo.newCatalogTable());
  private final InProcess mlflow = new InProcess(Permission.MANAGE, table);
  private final SoftAssertions all = new SoftAssertions();
  private String experiment;

  private static ObjectNode message() {
    return Json.MAPPER.createObjectNode();
  }

  private JsonNode ask(String method, String path, ObjectNode message) {
    InProcess.Answer answer = mlflow.ask("root", Role.ADMIN, method, path, message);
    assertThat(answer.status()).as("%s %s", path, answer).isEqualTo(200);
    return answer.json();
  }

  /** Expects what a call costs of somebody whose permissions and webhooks are remembered. */
  private JsonNode costs(
      double reads, double writes, String method, String path, ObjectNode message) {
    mlflow.rest();
    ask("GET", API + "registered-models/search", message());
    ask(
        "POST",
        API + "registered-models/create",
        message().put("name", "m" + consumed.total().requests()));
    Total before = consumed.total();
    JsonNode answer = ask(method, path, message);
    Total cost = consumed.total().minus(before);
    all.assertThat(cost).as(path).isEqualTo(new Total(reads, writes, cost.requests()));
    return answer;
  }

  private ObjectNode in() {
    return message().put("experiment_id", experiment);
  }

  @BeforeEach
  void an_experiment() {
    experiment =
        ask("POST", API + "experiments/create", message().put("name", "e"))
            .path("experiment_id")
            .asText();
  }

  private ObjectNode begun() {
    ObjectNode info = message().put("trace_id", "tr-" + TRACE).put("state", "OK");
    info.put("request_time", "2026-01-01T00:00:00Z")
        .putObject("trace_location")
        .put("type", "MLFLOW_EXPERIMENT")
        .set("mlflow_experiment", in());
    ObjectNode asked = message();
    asked.putObject("trace").set("trace_info", info);
    return asked;
  }

  private ObjectNode spans(int many) {
    ObjectNode asked = in();
    var spans =
        asked
            .putArray("resourceSpans")
            .addObject()
            .putArray("scopeSpans")
            .addObject()
            .putArray("spans");
    for (int i = 0; i < many; i++) {
      ObjectNode span = spans.addObject().put("traceId", TRACE).put("name", "s" + i);
      span.put("spanId", "000000000000000" + i);
      span.put("startTimeUnixNano", "1767225600000000000");
      span.put("endTimeUnixNano", "1767225601000000000");
    }
    return asked;
  }

  @Test
  void traces() {
    ObjectNode tag = message().put("key", "k").put("value", "v");
    String one = NEWER + "traces/tr-" + TRACE;
    ObjectNode search = message();
    search.putArray("locations").addObject().set("mlflow_experiment", in());
    ObjectNode doomed = in();
    doomed.putArray("request_ids").add("tr-" + TRACE);
    ObjectNode assessment = message();
    assessment
        .putObject("assessment")
        .put("trace_id", "tr-" + TRACE)
        .put("assessment_name", "a")
        .putObject("feedback")
        .put("value", 1);

    costs(2, 4, "POST", NEWER + "traces", begun());
    costs(3, 4, "POST", "/v1/traces", spans(3));
    costs(3, 0, "GET", NEWER + "traces/get", message().put("trace_id", "tr-" + TRACE));
    costs(1, 0, "POST", NEWER + "traces/search", search);
    costs(2, 1, "PATCH", one + "/tags", tag);
    costs(2, 1, "POST", one + "/assessments", assessment);
    costs(4, 8, "POST", NEWER + "traces/delete-traces", doomed);
    costs(2, 7, "POST", "/v1/traces", spans(3));

    all.assertAll();
  }

  @Test
  void scorers() {
    ObjectNode key = in().put("name", "s");
    ObjectNode register = key.deepCopy().put("serialized_scorer", "{\"a\": 1}");

    costs(2, 4, "POST", NEWER + "scorers/register", register);
    costs(2, 4, "POST", NEWER + "scorers/register", register);
    costs(2, 4, "POST", NEWER + "scorers/register", register);
    costs(2, 0, "GET", NEWER + "scorers/get", key);
    costs(2, 0, "GET", NEWER + "scorers/versions", key);
    costs(2, 0, "GET", NEWER + "scorers/list", in());
    costs(2, 4, "DELETE", NEWER + "scorers/delete", key.deepCopy().put("version", 2));
    costs(3, 5, "DELETE", NEWER + "scorers/delete", key);

    all.assertAll();
  }

  @Test
  void datasets() {
    ObjectNode asked = message().put("name", "d");
    String datasets = NEWER + "datasets/";
    String two = "[{\"inputs\": {\"a\": 1}}, {\"inputs\": {\"a\": 2}}]";

    String id = costs(0, 1, "POST", datasets + "create", asked).at("/dataset/dataset_id").asText();
    costs(3, 6, "POST", datasets + id + "/records", message().put("records", two));
    costs(3, 6, "POST", datasets + id + "/records", message().put("records", two));
    String first =
        Json.read(
                costs(2, 0, "GET", datasets + id + "/records", message()).path("records").asText(),
                JsonNode.class)
            .at("/0/dataset_record_id")
            .asText();
    costs(1, 1, "PATCH", datasets + id + "/tags", message().put("tags", "{\"a\": \"b\"}"));
    costs(1, 0, "GET", datasets + id, message());
    costs(1, 0, "POST", datasets + "search", message());
    ObjectNode doomed = message();
    doomed.putArray("dataset_record_ids").add(first);
    costs(2, 4, "DELETE", datasets + id + "/records", doomed);
    costs(1, 4, "DELETE", datasets + id, message());

    all.assertAll();
  }

  @Test
  void permissions() {
    ObjectNode ann = message().put("username", "ann");
    ObjectNode role = message().put("name", "r").put("workspace", "default");
    ObjectNode grant = ann.deepCopy().put("resource_type", "experiment");
    grant.put("resource_id", experiment).put("permission", "EDIT");

    costs(0, 1, "POST", API + "users/create", ann.deepCopy().put("password", "long enough, yes"));
    costs(1, 0, "GET", API + "users/get", ann);
    costs(2, 1, "POST", NEWER + "users/permissions/grant", grant);
    costs(3, 0, "GET", NEWER + "users/permissions/get", grant);
    costs(0, 1, "POST", NEWER + "roles/create", role);
    costs(2, 1, "DELETE", API + "users/delete", ann);

    all.assertAll();
  }

  @Test
  void a_change_that_a_webhook_wants() {
    String models = API + "registered-models/";
    costs(0, 1, "POST", models + "create", message().put("name", "quiet"));
    ObjectNode hook = message().put("name", "h").put("url", "https://93.184.216.34/hook");
    var events = hook.putArray("events");
    events.addObject().put("entity", "REGISTERED_MODEL").put("action", "CREATED");
    events.addObject().put("entity", "PROMPT_TAG").put("action", "SET");

    costs(0, 1, "POST", API.replace("mlflow/", "mlflow/webhooks"), hook);
    costs(0, 5, "POST", models + "create", message().put("name", "told"));
    costs(
        1,
        1,
        "POST",
        models + "set-tag",
        message().put("name", "told").put("key", "k").put("value", "v"));

    all.assertAll();
  }

  @Test
  void cleaning_up_a_run_and_a_trace() {
    Random random = new Random(1);
    var experiments = new Experiments(table, "mlflow-artifacts:/", mlflow::now, random);
    var runs = new Runs(table, experiments, mlflow::now, random);
    CleanUp cleanUp =
        new CleanUp(
            new Trash(table),
            experiments,
            CleanUp.Parts.of(table, experiments, runs, uri -> {}, mlflow::now, random),
            KEPT,
            mlflow::now);
    String run = ask("POST", API + "runs/create", in()).at("/run/info/run_id").asText();
    for (int i = 0; i < 3; i++) {
      ObjectNode metric = message().put("run_id", run).put("key", "m" + i).put("value", 1);
      ask("POST", API + "runs/log-metric", metric.put("timestamp", 1).put("step", 0));
    }
    ask("POST", API + "runs/delete", message().put("run_id", run));
    mlflow.rest(KEPT.plusSeconds(1));
    Total ofRun = cost(cleanUp);
    ask("POST", "/v1/traces", spans(3));
    ObjectNode doomed = in();
    doomed.putArray("request_ids").add("tr-" + TRACE);
    ask("POST", NEWER + "traces/delete-traces", doomed);
    mlflow.rest(KEPT.plusSeconds(1));
    Total ofTrace = cost(cleanUp);

    all.assertThat(ofRun).as("a run").isEqualTo(new Total(5, 11, ofRun.requests()));
    all.assertThat(ofTrace).as("a trace").isEqualTo(new Total(2, 2, ofTrace.requests()));
    all.assertAll();
  }

  private Total cost(CleanUp cleanUp) {
    Total before = consumed.total();
    cleanUp.run(new Deadline(mlflow::now, mlflow.now().plusSeconds(1)));
    return consumed.total().minus(before);
  }
}
