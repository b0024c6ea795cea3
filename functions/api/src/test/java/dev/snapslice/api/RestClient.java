package dev.snapslice.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.json.Json;
import dev.snapslice.runtime.testing.LambdaContext;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Calls the handler as API Gateway does, with the events that it sends, and holds every answer
 * against the contract.
 */
final class RestClient {
  private static final Contract CONTRACT = Contract.read();

  private final ApiHandler handler;
  private final Optional<Caller> caller;
  private final Map<String, String> headers;

  /** An answer: its body is missing where it is empty. */
  record Response(int status, JsonNode headers, JsonNode body) {
    String header(String name) {
      return headers.path(name).asText("");
    }
  }

  private RestClient(ApiHandler handler, Optional<Caller> caller, Map<String, String> headers) {
    this.handler = handler;
    this.caller = caller;
    this.headers = headers;
  }

  static RestClient anonymous(ApiHandler handler) {
    return new RestClient(handler, Optional.empty(), Map.of());
  }

  RestClient as(Caller other) {
    return new RestClient(handler, Optional.of(other), headers);
  }

  RestClient asAdmin() {
    return as(new Caller("admin", Grant.everywhere(Role.ADMIN)));
  }

  RestClient with(String header, String value) {
    return new RestClient(handler, caller, Map.of(header, value));
  }

  Response get(String pathAndQuery) {
    return call("GET", pathAndQuery, "");
  }

  Response post(String pathAndQuery, String body) {
    return call("POST", pathAndQuery, body.replace('\'', '"'));
  }

  Response patch(String path, String body) {
    return call("PATCH", path, body.replace('\'', '"'));
  }

  Response delete(String path) {
    return call("DELETE", path, "");
  }

  private Response call(String method, String pathAndQuery, String body) {
    int question = pathAndQuery.indexOf('?');
    String path = question < 0 ? pathAndQuery : pathAndQuery.substring(0, question);
    Contract.Match match = CONTRACT.match(method, path);
    ObjectNode event = sample("apigateway-request.json");
    event.put("routeKey", match.routeKey());
    event.put("rawPath", path);
    event.put("rawQueryString", question < 0 ? "" : pathAndQuery.substring(question + 1));
    event.set("pathParameters", Json.MAPPER.valueToTree(match.parameters()));
    ObjectNode sent = (ObjectNode) event.path("headers");
    sent.remove("authorization");
    headers.forEach(sent::put);
    event.put("body", body);
    ObjectNode context = (ObjectNode) event.path("requestContext");
    context.remove("authorizer");
    caller.ifPresent(who ->
        context
            .putObject("authorizer")
            .putObject("lambda")
            .put("principal", who.principal())
            .put("grant", Json.write(who.grant()))
            .put("token", who.token().orElse(null)));
    return send(event);
  }

  /** Sends an event as it is. */
  Response send(JsonNode event) {
    JsonNode answer = invoke(event);
    String body = answer.path("body").asText();
    int status = answer.path("statusCode").asInt();
    String type = answer.path("headers").path("content-type").asText();
    assertThat(CONTRACT.faults(event.path("routeKey").asText(), status, type, body))
        .as("%s %s", status, body)
        .isEmpty();
    return new Response(status, answer.path("headers"), json(body));
  }

  private JsonNode invoke(JsonNode event) {
    try {
      ByteArrayOutputStream output = new ByteArrayOutputStream();
      handler.handleRequest(
          new ByteArrayInputStream(Json.write(event).getBytes(UTF_8)), output, new LambdaContext());
      return Json.MAPPER.readTree(output.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One of the events in {@code test-events}. */
  static ObjectNode sample(String name) {
    try {
      Path file = Path.of("..", "..", "test-events", name);
      return (ObjectNode) Json.MAPPER.readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode json(String body) {
    return body.isEmpty() ? Json.MAPPER.missingNode() : Json.read(body, JsonNode.class);
  }
}
