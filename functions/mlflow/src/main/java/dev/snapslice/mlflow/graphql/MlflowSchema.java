package dev.snapslice.mlflow.graphql;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Reply;
import graphql.schema.DataFetcher;
import graphql.schema.DataFetchingEnvironment;
import graphql.schema.GraphQLCodeRegistry;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import graphql.schema.idl.SchemaParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.Function;

/** MLflow's schema, and the operations of the REST API that fill it. */
final class MlflowSchema {
  private static final String EXPERIMENT = "GET experiments/get";
  private static final String RUNS = "POST runs/search";
  private static final String VERSIONS = "GET model-versions/search";

  private static final Map<String, String> QUERIES =
      Map.of(
          "mlflowGetExperiment",
          EXPERIMENT,
          "mlflowGetRun",
          "GET runs/get",
          "mlflowSearchRuns",
          RUNS,
          "mlflowListArtifacts",
          "GET artifacts/list",
          "mlflowSearchModelVersions",
          VERSIONS,
          "mlflowGetMetricHistoryBulkInterval",
          "GET metrics/get-history-bulk-interval");
  private static final Map<String, String> MUTATIONS =
      Map.of("mlflowSearchRuns", RUNS, "mlflowSearchDatasets", "POST experiments/search-datasets");

  /** A call that a query has made: runs of one experiment ask for it once. */
  private record Asked(String operation, ObjectNode message) {}

  private final Function<Call, Reply> rest;

  MlflowSchema(Function<Call, Reply> rest) {
    this.rest = rest;
  }

  GraphQLSchema build() {
    GraphQLCodeRegistry.Builder fields =
        GraphQLCodeRegistry.newCodeRegistry()
            .defaultDataFetcher(field -> (DataFetcher<Object>) MessageField::of);
    RuntimeWiring.Builder wiring =
        RuntimeWiring.newRuntimeWiring()
            .codeRegistry(fields)
            .scalar(LongString.TYPE)
            .type("Query", type -> type.dataFetcher("test", MlflowSchema::echo))
            .type("MlflowRunExtension", type -> type.dataFetcher("experiment", this::experimentOf))
            .type(
                "MlflowRunExtension", type -> type.dataFetcher("modelVersions", this::versionsOf));
    addTo(wiring, "Query", QUERIES);
    addTo(wiring, "Mutation", MUTATIONS);
    return new SchemaGenerator()
        .makeExecutableSchema(new SchemaParser().parse(text()), wiring.build());
  }

  private void addTo(RuntimeWiring.Builder wiring, String type, Map<String, String> operations) {
    operations.forEach((field, operation) ->
        wiring.type(
            type, with -> with.dataFetcher(field, asked -> ask(asked, operation, input(asked)))));
  }

  private static String text() {
    try (InputStream file = MlflowSchema.class.getResourceAsStream("mlflow.graphql")) {
      return new String(file.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The message that a query hands over; what it sets to null is left out. */
  private static ObjectNode input(DataFetchingEnvironment asked) {
    Map<String, Object> input = asked.getArgument("input");
    if (input == null) {
      throw missing("input");
    }
    ObjectNode message = Json.MAPPER.createObjectNode();
    input.forEach((name, value) -> {
      if (value != null) {
        message.set(MessageField.snakeCase(name), Json.MAPPER.valueToTree(value));
      }
    });
    return message;
  }

  private static MlflowException missing(String argument) {
    return MlflowException.invalid(
        "Missing value for required parameter '%s'.%s".formatted(argument, Message.HINT));
  }

  private JsonNode ask(DataFetchingEnvironment asked, String operation, ObjectNode message) {
    return asked
        .getGraphQlContext()
        .computeIfAbsent(
            new Asked(operation, message),
            first -> {
              Call call = asked.getGraphQlContext().get(Call.class);
              String[] words = operation.split(" ", 2);
              Reply reply =
                  rest.apply(call.instead(words[0], "/api/2.0/mlflow/" + words[1], message));
              return Json.read(reply.body(), JsonNode.class);
            });
  }

  private Object experimentOf(DataFetchingEnvironment run) {
    JsonNode id = run.<JsonNode>getSource().path("info").path("experiment_id");
    ObjectNode message = Json.MAPPER.createObjectNode();
    message.set("experiment_id", id);
    return ask(run, EXPERIMENT, message).path("experiment");
  }

  private Object versionsOf(DataFetchingEnvironment run) {
    String id = run.<JsonNode>getSource().path("info").path("run_id").asText();
    ObjectNode message = Json.MAPPER.createObjectNode().put("filter", "run_id='" + id + "'");
    return MessageField.shown(
        ask(run, VERSIONS, message).path("model_versions"), run.getFieldType());
  }

  private static Object echo(DataFetchingEnvironment asked) {
    String text = asked.getArgument("inputString");
    if (text == null) {
      throw missing("inputString");
    }
    return Json.MAPPER.createObjectNode().put("output", text);
  }
}
