package dev.snapslice.mlflow.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.runtime.GatewayEvent;
import java.io.IOException;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request to MLflow's REST API.
 *
 * @param path as it was sent
 * @param query by name, each with its values in order
 * @param parameters what stands in the path for the names of its route
 */
public record Call(
    GatewayEvent event,
    String method,
    String path,
    Map<String, List<String>> query,
    Map<String, String> parameters) {
  public static Call of(GatewayEvent event) {
    Map<String, List<String>> query = new LinkedHashMap<>();
    for (String pair :
        event.rawQuery().isEmpty() ? new String[0] : event.rawQuery().split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
      query.computeIfAbsent(name, same -> new ArrayList<>()).add(value);
    }
    return new Call(event, event.method(), event.rawPath(), query, Map.of());
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, UTF_8);
    } catch (IllegalArgumentException e) {
      throw new MlflowException(Code.BAD_REQUEST, "the URL holds what is no escape");
    }
  }

  /**
   * Who asks.
   *
   * @throws MlflowException if API Gateway let somebody through whom it does not know
   */
  public Caller caller() {
    return event
        .caller()
        .orElseThrow(() -> new MlflowException(Code.UNAUTHENTICATED, "show a token of Snapslice"));
  }

  /**
   * What stands in the path for a name in braces of its route.
   *
   * @throws java.util.NoSuchElementException if the route has no such name
   */
  public String parameter(String name) {
    return Optional.ofNullable(parameters.get(name)).orElseThrow();
  }

  /** The first value in the query of a name, if it is not empty. */
  public Optional<String> asked(String name) {
    return query.getOrDefault(name, List.of()).stream()
        .findFirst()
        .filter(value -> !value.isEmpty());
  }

  /**
   * The same of what has to be asked for.
   *
   * @throws MlflowException if it is not
   */
  public String required(String name) {
    return asked(name)
        .orElseThrow(() -> MlflowException.invalid("Request must specify %s.".formatted(name)));
  }

  /** Another call by the same caller, with a message in its body. */
  public Call instead(String method, String path, ObjectNode message) {
    return new Call(
        event.instead(method, path, Json.write(message)), method, path, Map.of(), Map.of());
  }

  Call with(Map<String, String> found) {
    return new Call(event, method, path, query, found);
  }

  /**
   * The message that was sent: as the query of a GET, else as the body.
   *
   * @throws MlflowException if it cannot be one
   */
  public Message message(List<Field> fields) {
    return Message.read(method.equals("GET") && !query.isEmpty() ? asked(fields) : body(), fields);
  }

  private JsonNode asked(List<Field> fields) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    for (Field field : fields) {
      List<String> values = query.getOrDefault(field.name(), List.of());
      if (values.isEmpty()) {
        continue;
      }
      if (field.repeated()) {
        values.forEach(json.withArray("/" + field.name())::add);
      } else if (field.kind() == Field.Kind.FLAG) {
        json.put(field.name(), flag(values.getFirst()));
      } else {
        json.put(field.name(), values.getFirst());
      }
    }
    return json;
  }

  /** Python writes them with a capital. */
  private static boolean flag(String written) {
    if (!written.equalsIgnoreCase("true") && !written.equalsIgnoreCase("false")) {
      throw MlflowException.invalid(
          "Invalid boolean value: %s, must be 'true' or 'false'.".formatted(written));
    }
    return Boolean.parseBoolean(written);
  }

  /** What is no JSON counts as nothing, as in MLflow. */
  private JsonNode body() {
    if (method.equals("POST") || method.equals("PUT")) {
      checkContentType(event.headers().get("content-type"));
    }
    JsonNode json = json(event.body());
    // Older clients encode twice.
    JsonNode once = json.isTextual() ? json(json.asText().getBytes(UTF_8)) : json;
    return once.isNull() || once.isMissingNode() ? Json.MAPPER.createObjectNode() : once;
  }

  private static JsonNode json(byte[] text) {
    try {
      return PythonJson.READER.readTree(text);
    } catch (IOException e) {
      return Json.MAPPER.missingNode();
    }
  }

  private static void checkContentType(String type) {
    if (type == null) {
      throw MlflowException.invalid("Bad Request. Content-Type header is missing.");
    }
    if (!type.split(";", -1)[0].equals("application/json")) {
      throw MlflowException.invalid(
          "Bad Request. Content-Type must be one of ['application/json'].");
    }
  }
}
