package dev.snapslice.mlflow.graphql;

import static dev.snapslice.mlflow.protocol.Field.json;
import static dev.snapslice.mlflow.protocol.Field.text;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.install.Lazy;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.runtime.GatewayEvent;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.GraphQLError;
import graphql.GraphqlErrorBuilder;
import graphql.execution.DataFetcherExceptionHandlerParameters;
import graphql.execution.DataFetcherExceptionHandlerResult;
import graphql.execution.preparsed.PreparsedDocumentEntry;
import graphql.parser.InvalidSyntaxException;
import graphql.parser.Parser;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The one route of GraphQL. An error that a query meets is told in its answer, whose status is 200;
 * what the function or its services fail at is told as everywhere else. Thread-safe.
 */
public final class GraphqlRoutes {
  private static final String PATH = "/graphql";
  private static final List<Field> REQUEST =
      List.of(text("query").mandatory(), json("variables"), text("operationName"));

  /** Unlike ours, it writes what is null: a query is answered with every field that it names. */
  private static final ObjectMapper ANSWERS = new JsonMapper();

  private static final TypeReference<Map<String, Object>> VARIABLES = new TypeReference<>() {};

  private final Lazy<GraphQL> graphql;

  /**
   * Over a REST API.
   *
   * @param rest answers its calls
   */
  public GraphqlRoutes(Function<Call, Reply> rest) {
    this.graphql =
        new Lazy<>(() ->
            GraphQL.newGraphQL(new MlflowSchema(rest).build())
                .preparsedDocumentProvider(
                    (input, check) -> CompletableFuture.completedFuture(document(input, check)))
                .defaultDataFetcherExceptionHandler(GraphqlRoutes::refusal)
                .build());
  }

  /** Adds it: none of the mutations that MLflow names changes anything. */
  public void addTo(Routes routes) {
    routes.search(PATH, this::answer).add("GET", PATH, this::answer);
  }

  /** Makes what the first query would. */
  public void prime() {
    var _ = graphql.get().execute("{ test(inputString: \"\") { output } }");
  }

  private Reply answer(Call call) {
    Message request = call.message(REQUEST);
    JsonNode variables = request.json("variables").orElseGet(Json.MAPPER::createObjectNode);
    if (!variables.isObject()) {
      throw MlflowException.invalid("variables have to be an object");
    }
    ExecutionResult result =
        graphql
            .get()
            .execute(
                ExecutionInput.newExecutionInput(request.text("query"))
                    .variables(ANSWERS.convertValue(variables, VARIABLES))
                    .operationName(request.given("operationName").orElse(null))
                    .graphQLContext(Map.of(Call.class, call))
                    .build());
    ObjectNode answer = ANSWERS.createObjectNode();
    answer.set("data", ANSWERS.valueToTree(result.getData()));
    List<String> errors = result.getErrors().stream().map(GraphQLError::getMessage).toList();
    answer.set("errors", errors.isEmpty() ? null : ANSWERS.valueToTree(errors));
    if (!GatewayEvent.fits(answer.toString())) {
      throw MlflowException.invalid("the answer is more than one request may bring: ask for less");
    }
    return Reply.json(answer);
  }

  /** Looks at a query's size before all that takes longer. */
  private static PreparsedDocumentEntry document(
      ExecutionInput input, Function<ExecutionInput, PreparsedDocumentEntry> check) {
    try {
      QuerySize.check(Parser.parse(input.getQuery()));
    } catch (InvalidSyntaxException e) {
      return new PreparsedDocumentEntry(e.toInvalidSyntaxError());
    }
    return check.apply(input);
  }

  private static CompletableFuture<DataFetcherExceptionHandlerResult> refusal(
      DataFetcherExceptionHandlerParameters failed) {
    if (!(failed.getException() instanceof MlflowException refused)) {
      return CompletableFuture.failedFuture(failed.getException());
    }
    GraphQLError error =
        GraphqlErrorBuilder.newError(failed.getDataFetchingEnvironment())
            .message("%s", refused.getMessage())
            .build();
    return CompletableFuture.completedFuture(
        DataFetcherExceptionHandlerResult.newResult(error).build());
  }
}
