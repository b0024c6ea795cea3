package dev.snapslice.infra;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import software.amazon.awscdk.services.apigatewayv2.HttpMethod;

/** The routes of the REST API, as {@code api-spec/openapi.yaml} lists them. */
final class ApiRoutes {
  private static final Map<String, HttpMethod> METHODS =
      Map.of(
          "get", HttpMethod.GET,
          "put", HttpMethod.PUT,
          "post", HttpMethod.POST,
          "patch", HttpMethod.PATCH,
          "delete", HttpMethod.DELETE,
          "head", HttpMethod.HEAD);

  /** Whatever MLflow's clients and its UI ask for: more routes than an HTTP API may have. */
  static final List<ApiRoute> MLFLOW =
      List.of(
          new ApiRoute(HttpMethod.ANY, "/{path+}"),
          new ApiRoute(HttpMethod.GET, "/health"),
          new ApiRoute(HttpMethod.GET, "/version"));

  /** Why API Gateway lets everybody through to these, and to no others. */
  private static final Map<String, String> OPEN =
      Map.of(
          "GET /health", "Tells anybody whether Snapslice works, and no more.",
          "GET /version", "Tells anybody that this is Snapslice, and no more.",
          "POST /v1/buckets/{bucket}/events",
              "A store's webhook sends its own secret, which the handler checks.");

  private ApiRoutes() {}

  /** One method of one path. */
  record ApiRoute(HttpMethod method, String path) {
    /** Whether API Gateway asks nobody who they are. */
    boolean open() {
      return OPEN.containsKey(method + " " + path);
    }

    String reason() {
      return OPEN.get(method + " " + path);
    }
  }

  /**
   * Reads every operation.
   *
   * @throws IllegalArgumentException if an operation asks for no bearer token though it should
   */
  static List<ApiRoute> read(Path openApi) {
    JsonNode document;
    try {
      document = new YAMLMapper().readTree(openApi.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the contract " + openApi, e);
    }
    return document.path("paths").properties().stream()
        .flatMap(path ->
            path.getValue().properties().stream()
                .filter(operation -> METHODS.containsKey(operation.getKey()))
                .map(operation -> {
                  var route = new ApiRoute(METHODS.get(operation.getKey()), path.getKey());
                  JsonNode own = operation.getValue().path("security");
                  checkSecurity(route, own.isMissingNode() ? document.path("security") : own);
                  return route;
                }))
        .toList();
  }

  /** The contract and the list above have to say the same. */
  private static void checkSecurity(ApiRoute route, JsonNode security) {
    boolean tokens =
        StreamSupport.stream(security.spliterator(), false).anyMatch(way -> way.has("bearer"));
    if (tokens == route.open()) {
      throw new IllegalArgumentException(
          "the contract says that "
              + route.method()
              + " "
              + route.path()
              + (tokens ? " wants" : " does not want")
              + " a bearer token; it is deployed otherwise");
    }
  }
}
