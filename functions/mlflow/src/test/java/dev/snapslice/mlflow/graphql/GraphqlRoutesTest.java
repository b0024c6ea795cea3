package dev.snapslice.mlflow.graphql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.runtime.GatewayEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What a query asks of the REST API, and what it makes of failures. */
final class GraphqlRoutesTest {
  private static final String EXPERIMENT =
      "{ mlflowGetExperiment(input: {experimentId: \"7\"}) { experiment { name } } }";

  private static JsonNode answer(Function<Call, Reply> rest, String query) {
    Routes routes = new Routes();
    new GraphqlRoutes(rest).addTo(routes);
    String body = Json.write(Json.MAPPER.createObjectNode().put("query", query));
    ObjectNode event = Json.MAPPER.createObjectNode();
    event.putObject("requestContext").putObject("authorizer").put("who", "caller");
    Call call = Call.of(new GatewayEvent(event).instead("POST", "/graphql", body));
    return Json.read(routes.find(call).answer().body(), JsonNode.class);
  }

  private static Reply run() {
    ObjectNode run = Json.MAPPER.createObjectNode();
    run.putObject("info").put("run_id", "r").put("experiment_id", "7");
    ObjectNode answer = Json.MAPPER.createObjectNode();
    answer.putArray("runs").add(run).add(run.deepCopy());
    return Reply.json(answer);
  }

  @Test
  void the_same_caller_asks_the_rest_api() {
    List<Call> calls = new ArrayList<>();

    answer(
        call -> {
          calls.add(call);
          return Reply.done();
        },
        EXPERIMENT);

    assertThat(calls).hasSize(1);
    assertThat(calls.getFirst().path()).isEqualTo("/api/2.0/mlflow/experiments/get");
    assertThat(calls.getFirst().event().json().at("/requestContext/authorizer/who").asText())
        .isEqualTo("caller");
  }

  @Test
  void runs_of_one_experiment_ask_for_it_once() {
    List<String> paths = new ArrayList<>();

    JsonNode answer =
        answer(
            call -> {
              paths.add(call.path());
              return call.path().endsWith("runs/search") ? run() : Reply.done();
            },
            "{ mlflowSearchRuns(input: {experimentIds: [\"7\"]}) { runs { experiment { name } } } }");

    assertThat(answer.at("/data/mlflowSearchRuns/runs")).hasSize(2);
    assertThat(paths)
        .containsExactly("/api/2.0/mlflow/runs/search", "/api/2.0/mlflow/experiments/get");
  }

  @Test
  void a_refusal_is_an_error_of_its_field() {
    JsonNode answer =
        answer(
            call -> {
              throw MlflowException.missing("there is no 100 %s");
            },
            EXPERIMENT);

    assertThat(answer.path("errors").path(0).asText()).isEqualTo("there is no 100 %s");
    assertThat(answer.at("/data/mlflowGetExperiment").isNull()).isTrue();
  }

  @Test
  void a_failure_is_no_answer() {
    assertThatThrownBy(() ->
            answer(
                call -> {
                  throw new IllegalStateException("DynamoDB is away");
                },
                EXPERIMENT))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("DynamoDB is away");
  }

  @Test
  void an_answer_that_lambda_cannot_hand_over_is_refused() {
    ObjectNode large = Json.MAPPER.createObjectNode();
    large.putObject("experiment").put("name", "x".repeat(GatewayEvent.LARGEST_ANSWER));

    assertThatThrownBy(() -> answer(call -> Reply.json(large), EXPERIMENT))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("ask for less");
  }
}
