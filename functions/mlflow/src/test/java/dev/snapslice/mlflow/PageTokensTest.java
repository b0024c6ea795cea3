package dev.snapslice.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Permission;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.mlflow.table.TrackingTable;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A page token is understood by every process of ours, also by one that starts later. */
final class PageTokensTest {
  private static final int MADE = 5;

  private final TrackingTable table =
      new TrackingTable(LocalDynamo.client(), LocalDynamo.newCatalogTable());
  private String experiment = "";
  private String run = "";

  private InProcess process() {
    return new InProcess(Permission.MANAGE, table);
  }

  private static JsonNode ask(InProcess process, String method, String path, ObjectNode message) {
    InProcess.Answer answer = process.ask("ann", Role.WRITER, method, "/api/" + path, message);
    assertThat(answer.status()).as("%s", answer.json()).isEqualTo(200);
    return answer.json();
  }

  private static ObjectNode message(String json) {
    return Json.read(json.replace('\'', '"'), ObjectNode.class);
  }

  @BeforeEach
  void makes_what_is_listed() {
    InProcess first = process();
    for (int i = 0; i < MADE; i++) {
      ObjectNode named = message("{'name': 'n%d'}".formatted(i));
      experiment =
          ask(first, "POST", "2.0/mlflow/experiments/create", named).path("experiment_id").asText();
      ask(first, "POST", "2.0/mlflow/registered-models/create", named);
    }
    for (int i = 0; i < MADE; i++) {
      ObjectNode in = message("{'experiment_id': '%s', 'name': 'm%d'}".formatted(experiment, i));
      ask(first, "POST", "2.0/mlflow/logged-models", in);
      run = ask(first, "POST", "2.0/mlflow/runs/create", in).at("/run/info/run_id").asText();
      ask(
          first,
          "POST",
          "2.0/mlflow/model-versions/create",
          message("{'name': 'n0', 'source': 's3://b/m'}"));
      ask(
          first,
          "POST",
          "3.0/mlflow/datasets/create",
          message("{'name': 'd%d', 'experiment_ids': ['%s']}".formatted(i, experiment)));
      ask(
          first,
          "POST",
          "3.0/mlflow/traces",
          message(
              ("{'trace': {'trace_info': {'trace_id': 'tr-%032d', 'state': 'OK',"
                      + " 'request_time': '2025-01-01T00:00:00Z', 'trace_location':"
                      + " {'type': 'MLFLOW_EXPERIMENT', 'mlflow_experiment': {'experiment_id': '%s'}}}}}")
                  .formatted(i, experiment)));
    }
    for (int i = 0; i < MADE; i++) {
      ask(
          first,
          "POST",
          "2.0/mlflow/runs/log-metric",
          message(
              "{'run_id': '%s', 'key': 'm', 'value': %d, 'timestamp': %d}".formatted(run, i, i)));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          POST | 2.0/mlflow/experiments/search | experiments | {}
          POST | 2.0/mlflow/runs/search | runs | {'experiment_ids': ['EXPERIMENT']}
          POST | 2.0/mlflow/logged-models/search | models | {'experiment_ids': ['EXPERIMENT']}
          GET | 2.0/mlflow/registered-models/search | registered_models | {}
          GET | 2.0/mlflow/model-versions/search | model_versions | {}
          GET | 2.0/mlflow/metrics/get-history | metrics | {'run_id': 'RUN', 'metric_key': 'm'}
          POST | 3.0/mlflow/datasets/search | datasets | {'experiment_ids': ['EXPERIMENT']}
          POST | 3.0/mlflow/traces/search | traces | {'locations': [{'type': 'MLFLOW_EXPERIMENT', 'mlflow_experiment': {'experiment_id': 'EXPERIMENT'}}]}
          """)
  void a_token_of_one_process_goes_on_in_another(
      String method, String path, String field, String asked) {
    ObjectNode message =
        message(asked.replace("EXPERIMENT", experiment).replace("RUN", run)).put("max_results", 2);

    List<JsonNode> found = new ArrayList<>();
    String token = "";
    do {
      JsonNode page = ask(process(), method, path, message.put("page_token", token));
      page.path(field).forEach(found::add);
      token = page.path("next_page_token").asText();
    } while (!token.isEmpty());

    JsonNode whole =
        ask(process(), method, path, message.put("page_token", "").put("max_results", 50));
    assertThat(found)
        .hasSizeGreaterThanOrEqualTo(MADE)
        .containsExactlyElementsOf(whole.path(field));
  }
}
