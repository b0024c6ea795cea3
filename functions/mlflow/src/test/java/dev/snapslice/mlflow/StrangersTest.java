package dev.snapslice.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Permission;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody who was given nothing gets who knows all ids of somebody else's. */
final class StrangersTest {
  private static final InProcess MLFLOW = new InProcess(Permission.NO_PERMISSIONS);
  private static final String FORBIDDEN = "Permission denied";
  private static final String RUNS = "/api/2.0/mlflow/runs/";

  /** Routes that are for everybody; what they find is tested by what they answer. */
  private static final Set<String> OPEN =
      Set.of(
          "POST /graphql",
          "GET /graphql",
          "GET /api/3.0/mlflow/server-info",
          "POST /api/2.0/mlflow/experiments/create",
          "POST /api/2.0/mlflow/experiments/search",
          "GET /api/2.0/mlflow/experiments/search",
          "POST /api/2.0/mlflow/runs/search",
          "POST /api/2.0/mlflow/logged-models/search",
          "POST /api/2.0/mlflow/registered-models/create",
          "GET /api/2.0/mlflow/registered-models/search",
          "GET /api/2.0/mlflow/model-versions/search",
          "GET /api/3.0/mlflow/scorers/list",
          "GET /api/2.0/mlflow/users/current",
          "GET /api/3.0/mlflow/users/current/permissions",
          "GET /api/2.0/mlflow/users/list");

  /** What an administrator's job has whose token is for another experiment. */
  private static final Grant JOB =
      new Grant(
          Role.ADMIN,
          List.of(),
          "",
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of("0"));

  private static final ObjectNode IDS = ids();

  private static JsonNode made(String method, String path, ObjectNode message) {
    InProcess.Answer answer = MLFLOW.ask("alice", Role.WRITER, method, path, message);
    assertThat(answer.status()).as("%s %s", path, answer).isEqualTo(200);
    return answer.json();
  }

  private static ObjectNode message() {
    return Json.MAPPER.createObjectNode();
  }

  /** Makes one of everything, and names all of it in every way. */
  private static ObjectNode ids() {
    String api = "/api/2.0/mlflow/";
    String newer = "/api/3.0/mlflow/";
    ObjectNode ids = message();
    String experiment =
        made("POST", api + "experiments/create", message().put("name", "hers"))
            .path("experiment_id")
            .asText();
    ids.put("experiment_id", experiment).put("experiment_name", "hers");
    ids.putArray("experiment_ids").add(experiment);
    String run =
        made("POST", api + "runs/create", message().put("experiment_id", experiment))
            .at("/run/info/run_id")
            .asText();
    ids.put("run_id", run).put("run_uuid", run);
    ids.putArray("run_ids").add(run);
    String model =
        made("POST", api + "logged-models", message().put("experiment_id", experiment))
            .at("/model/info/model_id")
            .asText();
    ids.put("model_id", model).put("status", "LOGGED_MODEL_READY");
    ids.putArray("models").addObject().put("model_id", model);
    made("POST", api + "registered-models/create", message().put("name", "hers"));
    ids.put("name", "hers").put("version", "1").put("source", "runs:/" + run + "/model");
    made(
        "POST",
        api + "model-versions/create",
        message().put("name", "hers").put("source", "runs:/" + run + "/m").put("run_id", run));
    ids.put("alias", "best").put("new_name", "mine").put("stage", "Staging");
    ObjectNode info = message().put("trace_id", "tr-1");
    info.putObject("trace_location")
        .putObject("mlflow_experiment")
        .put("experiment_id", experiment);
    ObjectNode trace = message();
    trace.putObject("trace").set("trace_info", info);
    made("POST", newer + "traces", trace);
    ids.setAll(trace);
    ids.put("trace_id", "tr-1").put("request_id", "tr-1");
    ids.putArray("trace_ids").add("tr-1");
    ids.putArray("locations")
        .addObject()
        .set("mlflow_experiment", message().put("experiment_id", experiment));
    ObjectNode dataset = message().put("name", "d");
    dataset.putArray("experiment_ids").add(experiment);
    ids.put(
        "dataset",
        made("POST", newer + "datasets/create", dataset).at("/dataset/dataset_id").asText());
    ids.put("key", "k").put("value", "1").put("timestamp", 1).put("metric_key", "k");
    ids.put("path", experiment + "/" + run + "/artifacts/a");
    // Of permissions.
    ids.put("username", "alice").put("password", "long enough").put("is_admin", true);
    ids.put("resource_type", "experiment").put("resource_id", experiment).put("permission", "READ");
    return ids;
  }

  static Stream<String> routes() {
    return Stream.concat(MLFLOW.mlflow().ruled(), MLFLOW.mlflow().unruled())
        .filter(route -> !OPEN.contains(route));
  }

  private static InProcess.Answer ask(String who, String route) {
    return ask(who, Grant.everywhere(Role.WRITER), route);
  }

  private static InProcess.Answer ask(String who, Grant grant, String route) {
    String[] words = route.split(" ", 2);
    String path = words[1];
    String id =
        path.contains("logged-models")
            ? "model_id"
            : path.contains("datasets") ? "dataset" : "trace_id";
    String filled =
        path.replace("{id}", IDS.path(id).asText())
            .replace("{path*}", IDS.path("path").asText())
            .replaceAll("\\{\\w+}", "x");
    return MLFLOW.ask(who, grant, words[0], filled, IDS);
  }

  @ParameterizedTest
  @MethodSource("routes")
  void whoever_knows_all_ids_is_refused(String route) {
    assertThatIsRefused(ask("mallory", route));
  }

  @ParameterizedTest
  @MethodSource("routes")
  void an_administrators_token_for_another_experiment_is_refused(String route) {
    assertThatIsRefused(ask("root", JOB, route));
  }

  @ParameterizedTest
  @ValueSource(strings = {"experiments/create", "registered-models/create"})
  void a_token_for_an_experiment_makes_nothing_elsewhere(String made) {
    assertThatIsRefused(
        MLFLOW.ask(
            "root", JOB, "POST", "/api/2.0/mlflow/" + made, message().put("name", "root's")));
  }

  private static void assertThatIsRefused(InProcess.Answer answer) {
    assertThat(answer.json().path("message").asText()).as("%s", answer).isEqualTo(FORBIDDEN);
    assertThat(answer.json().path("error_code").asText()).isEqualTo("PERMISSION_DENIED");
    assertThat(answer.status()).isEqualTo(403);
  }

  static Stream<String> reads() {
    return MLFLOW.mlflow().ruled().filter(route -> route.startsWith("GET "));
  }

  @ParameterizedTest
  @MethodSource("reads")
  void whoever_made_it_is_not(String route) {
    assertThat(ask("alice", route).status()).isNotEqualTo(403);
  }

  @ParameterizedTest
  @MethodSource("routes")
  void what_is_not_there_is_refused_alike(String route) {
    String[] words = route.split(" ", 2);
    ObjectNode none = message().put("experiment_id", "7").put("name", "none");

    InProcess.Answer answer =
        MLFLOW.ask(
            "mallory", Role.WRITER, words[0], words[1].replaceAll("\\{\\w+\\*?}", "9"), none);

    // Names of experiments are told, so that clients make those that are not there.
    assertThat(answer.status())
        .as("%s", answer)
        .isIn(route.endsWith("/get-by-name") ? List.of(400, 404) : List.of(400, 403));
  }

  @Test
  void only_routes_without_a_rule_are_for_administrators_alone() {
    assertThat(MLFLOW.mlflow().unruled())
        .containsExactlyInAnyOrder(
            "POST /api/2.0/mlflow/users/create",
            "PATCH /api/2.0/mlflow/users/update-password",
            "PATCH /api/2.0/mlflow/users/update-admin",
            "DELETE /api/2.0/mlflow/users/delete",
            "POST /api/3.0/mlflow/roles/create",
            "GET /api/3.0/mlflow/roles/get",
            "GET /api/3.0/mlflow/roles/list",
            "PATCH /api/3.0/mlflow/roles/update",
            "DELETE /api/3.0/mlflow/roles/delete",
            "POST /api/3.0/mlflow/roles/permissions/add",
            "DELETE /api/3.0/mlflow/roles/permissions/remove",
            "GET /api/3.0/mlflow/roles/permissions/list",
            "PATCH /api/3.0/mlflow/roles/permissions/update",
            "POST /api/3.0/mlflow/roles/assign",
            "DELETE /api/3.0/mlflow/roles/unassign",
            "GET /api/3.0/mlflow/roles/users/list",
            "POST /api/2.0/mlflow/webhooks",
            "GET /api/2.0/mlflow/webhooks",
            "GET /api/2.0/mlflow/webhooks/{webhook_id}",
            "PATCH /api/2.0/mlflow/webhooks/{webhook_id}",
            "DELETE /api/2.0/mlflow/webhooks/{webhook_id}",
            "POST /api/2.0/mlflow/webhooks/{webhook_id}/test");
  }

  @ParameterizedTest
  @MethodSource("searches")
  void searches_find_nothing(String route) {
    for (InProcess.Answer answer : List.of(ask("mallory", route), ask("root", JOB, route))) {
      assertThat(answer.status()).as("%s", answer).isEqualTo(200);
      assertThat(answer.json().toString()).doesNotContain("hers");
      for (String id : List.of("experiment_id", "run_id", "model_id")) {
        assertThat(answer.json().toString()).doesNotContain(IDS.path(id).asText());
      }
    }
  }

  static Stream<String> searches() {
    return OPEN.stream().filter(route -> route.endsWith("/search"));
  }

  @Test
  void scorers_are_listed_of_experiments_that_one_may_read() {
    String path = "/api/3.0/mlflow/scorers/";
    ObjectNode scorer =
        message()
            .put("experiment_id", IDS.path("experiment_id").asText())
            .put("name", "hers")
            .put("serialized_scorer", "{\"name\": \"hers\"}");
    made("POST", path + "register", scorer);
    ObjectNode one = message().put("experiment_id", IDS.path("experiment_id").asText());

    assertThat(MLFLOW.ask("alice", Role.READER, "GET", path + "list", message()).json().toString())
        .contains("hers");
    assertThat(MLFLOW.ask("mallory", Role.READER, "GET", path + "list", message()).json())
        .isEqualTo(message());
    assertThat(MLFLOW.ask("mallory", Role.READER, "GET", path + "list", one).status())
        .isEqualTo(403);
  }

  @Test
  void a_query_of_graphql_finds_nothing() {
    String run = IDS.path("run_id").asText();
    ObjectNode query =
        message()
            .put(
                "query",
                "{ mlflowGetRun(input: {runId: \"%s\"}) { run { info { experimentId } } } }"
                    .formatted(run));

    InProcess.Answer answer = MLFLOW.ask("mallory", Role.WRITER, "POST", "/graphql", query);

    assertThat(answer.json().at("/data/mlflowGetRun").isNull()).isTrue();
    assertThat(answer.json().toString()).contains(FORBIDDEN);
  }

  private static InProcess.Answer create(String name, ObjectNode more) {
    return MLFLOW.ask(
        "eve", Role.WRITER, "POST", "/api/2.0/mlflow/experiments/create", more.put("name", name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mlflow-artifacts:/hers/run/artifacts",
        "mlflow-artifacts://host/hers",
        "mlflow-artifacts:/hers?a=b",
        "https://host/api/2.0/mlflow-artifacts/artifacts/hers",
        "https://host/below/api/2.0/mlflow-artifacts/artifacts/hers",
        "s3://artifacts/hers",
      })
  void no_stranger_keeps_artifacts_among_hers(String location) {
    assertThat(create("a place", message().put("artifact_location", location)).status())
        .isEqualTo(403);
  }

  @Test
  void a_query_in_a_location_leads_nowhere() {
    String served = "http://h/?x/api/2.0/mlflow-artifacts/artifacts/" + IDS.path("path").asText();
    ObjectNode own = message();
    own.put("experiment_id", create("q", message().put("artifact_location", served)).id());
    own.put("run_id", MLFLOW.ask("eve", Role.WRITER, "POST", RUNS + "create", own).run());

    InProcess.Answer answer =
        MLFLOW.ask("eve", Role.WRITER, "GET", "/api/2.0/mlflow/artifacts/list", own);

    assertThat(answer.json().path("message").asText()).contains("this server does not read");
  }

  /** The check looks at ids alone, and what answers at all fields. */
  @ParameterizedTest
  @ValueSource(strings = {"1.5", "'x'", "[]", "{}", "null", "1e400"})
  void a_field_that_cannot_be_read_hides_no_id_from_the_check(String unreadable) {
    String experiment = create("with " + unreadable, message()).id();
    String own =
        MLFLOW
            .ask(
                "eve",
                Role.WRITER,
                "POST",
                RUNS + "create",
                message().put("experiment_id", experiment))
            .run();
    String hers = IDS.path("run_id").asText();
    String update =
        "{'run_uuid':'%s','status':'KILLED','run_name':'taken','end_time':%s,'run_id':'%s'}";
    String create = "{'tags':%s,'experiment_id':'%s'}";

    MLFLOW.ask("eve", Role.WRITER, "POST", RUNS + "update", of(update, hers, unreadable, own));
    InProcess.Answer made =
        MLFLOW.ask("eve", Role.WRITER, "POST", RUNS + "create", of(create, unreadable, experiment));

    JsonNode run =
        MLFLOW.ask("alice", Role.READER, "GET", RUNS + "get", message().put("run_id", hers)).json();
    assertThat(run.at("/run/info/run_name").asText()).isNotEqualTo("taken");
    assertThat(run.at("/run/info/status").asText()).isEqualTo("RUNNING");
    assertThat(made.json().at("/run/info/experiment_id").asText()).isIn(experiment, "");
  }

  private static ObjectNode of(String format, String... values) {
    return Json.read(format.formatted((Object[]) values).replace('\'', '"'), ObjectNode.class);
  }

  @Test
  void a_stranger_with_an_experiment_takes_nothing_into_it() {
    String theirs = create("eve's", message()).id();
    ObjectNode trace = message();
    ObjectNode info = trace.putObject("trace").putObject("trace_info").put("trace_id", "tr-1");
    info.putObject("trace_location").putObject("mlflow_experiment").put("experiment_id", theirs);
    ObjectNode own = message().put("name", "eve's");
    MLFLOW.ask("eve", Role.WRITER, "POST", "/api/2.0/mlflow/registered-models/create", own);
    ObjectNode version =
        message().put("name", "eve's").put("source", "s3://artifacts/" + IDS.path("path").asText());
    ObjectNode copy = message().put("name", "eve's").put("source", "models:/hers/1");

    assertThat(MLFLOW.ask("eve", Role.WRITER, "POST", "/api/3.0/mlflow/traces", trace).status())
        .isEqualTo(403);
    for (ObjectNode request : List.of(version, copy)) {
      assertThat(
              MLFLOW
                  .ask("eve", Role.WRITER, "POST", "/api/2.0/mlflow/model-versions/create", request)
                  .status())
          .isEqualTo(403);
    }
  }
}
