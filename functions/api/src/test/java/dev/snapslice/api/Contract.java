package dev.snapslice.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code api-spec/openapi.yaml}, as tests hold the handler against it. */
final class Contract {
  private static final Set<String> METHODS = Set.of("get", "put", "post", "patch", "delete");

  /** Extended by others, or by whoever sends them. */
  private static final Set<String> OPEN = Set.of("Credential", "StoreEvents");

  private final JsonNode document;
  private final Map<String, JsonNode> operations = new TreeMap<>();
  private final JsonSchemaFactory factory =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
  private final Map<JsonNode, JsonSchema> schemas = new HashMap<>();

  /** A route, and what its path's parameters are. */
  record Match(String routeKey, Map<String, String> parameters) {}

  private Contract(JsonNode document) {
    this.document = document;
    document
        .path("paths")
        .properties()
        .forEach(path ->
            path.getValue().properties().stream()
                .filter(operation -> METHODS.contains(operation.getKey()))
                .forEach(operation ->
                    operations.put(
                        operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(),
                        operation.getValue())));
    close(document.path("components").path("schemas"));
  }

  static Contract read() {
    try {
      Path file = Path.of("..", "..", "api-spec", "openapi.yaml");
      return new Contract(new YAMLMapper().readTree(file.toFile()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What we send holds nothing that the contract does not name. */
  private static void close(JsonNode schemas) {
    schemas.properties().stream()
        .filter(schema -> schema.getValue().has("properties") && !OPEN.contains(schema.getKey()))
        .forEach(schema -> ((ObjectNode) schema.getValue()).put("additionalProperties", false));
  }

  Set<String> routes() {
    return operations.keySet();
  }

  Map<String, JsonNode> schemas() {
    Map<String, JsonNode> named = new LinkedHashMap<>();
    document
        .path("components")
        .path("schemas")
        .properties()
        .forEach(schema -> named.put(schema.getKey(), schema.getValue()));
    return named;
  }

  /** The route that API Gateway takes: with as few parameters as possible. */
  Match match(String method, String path) {
    return operations.keySet().stream()
        .filter(route -> route.startsWith(method + " "))
        .sorted((a, b) ->
            Long.compare(
                a.chars().filter(c -> c == '{').count(), b.chars().filter(c -> c == '{').count()))
        .flatMap(route -> matching(route, path).stream())
        .findFirst()
        .orElseThrow(() -> new AssertionError("the contract has no " + method + " " + path));
  }

  private static List<Match> matching(String route, String path) {
    String template = route.substring(route.indexOf(' ') + 1);
    Matcher matcher =
        Pattern.compile(template.replaceAll("\\{([a-z]+)}", "(?<$1>[^/]+)")).matcher(path);
    if (!matcher.matches()) {
      return List.of();
    }
    Map<String, String> parameters = new HashMap<>();
    matcher.namedGroups().keySet().forEach(name -> parameters.put(name, matcher.group(name)));
    return List.of(new Match(route, parameters));
  }

  /** What is wrong with an answer: its status is not foreseen, or its body not as it should be. */
  List<String> faults(String route, int status, String contentType, String body) {
    JsonNode responses = operations.get(route).path("responses");
    JsonNode response =
        resolve(
            responses.has(Integer.toString(status))
                ? responses.path(Integer.toString(status))
                : responses.path(status >= 400 ? "default" : "none"));
    if (response.isMissingNode()) {
      return List.of(route + " is not to answer " + status);
    }
    JsonNode content = response.path("content");
    if (content.isMissingNode()) {
      return body.isEmpty() ? List.of() : List.of(route + " " + status + " has no body");
    }
    if (!content.has(contentType)) {
      return List.of(route + " " + status + " is not to answer " + contentType);
    }
    try {
      return faults(content.path(contentType).path("schema"), new YAMLMapper().readTree(body));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is wrong with a value by a schema. */
  List<String> faults(JsonNode schema, JsonNode value) {
    return schemas.computeIfAbsent(schema, this::compile).validate(value).stream()
        .map(ValidationMessage::getMessage)
        .toList();
  }

  private JsonSchema compile(JsonNode schema) {
    ObjectNode whole = schema.deepCopy();
    whole.set("components", document.path("components"));
    return factory.getSchema(whole);
  }

  private JsonNode resolve(JsonNode node) {
    return node.has("$ref") ? document.at(node.path("$ref").asText().substring(1)) : node;
  }
}
