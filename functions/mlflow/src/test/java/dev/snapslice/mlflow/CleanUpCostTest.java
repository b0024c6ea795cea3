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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the clean-up costs, as {@code docs/mlflow.md} tells it. */
final class CleanUpCostTest {
  private static final String API = "/api/2.0/mlflow/";
  private static final String NEWER = "/api/3.0/mlflow/";
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final Duration KEPT = Duration.ofDays(30);

  private final ConsumedCapacity consumed = new ConsumedCapacity();
  private final TrackingTable table =
      new TrackingTable(
          new ObservedDynamo(LocalDynamo.client(), consumed), LocalDynamo.newCatalogTable());
  private final InProcess mlflow = new InProcess(Permission.MANAGE, table);
  private String experiment;

  private static ObjectNode message() {
    return Json.MAPPER.createObjectNode();
  }

  private JsonNode ask(String method, String path, ObjectNode message) {
    InProcess.Answer answer = mlflow.ask("root", Role.ADMIN, method, path, message);
    assertThat(answer.status()).as("%s %s", path, answer).isEqualTo(200);
    return answer.json();
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

    assertThat(ofRun).as("a run").isEqualTo(new Total(5, 11, ofRun.requests()));
    assertThat(ofTrace).as("a trace").isEqualTo(new Total(2, 2, ofTrace.requests()));
  }

  private Total cost(CleanUp cleanUp) {
    Total before = consumed.total();
    cleanUp.run(new Deadline(mlflow::now, mlflow.now().plusSeconds(1)));
    return consumed.total().minus(before);
  }
}
