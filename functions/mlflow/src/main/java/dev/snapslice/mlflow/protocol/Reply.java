package dev.snapslice.mlflow.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.runtime.GatewayEvent;
import java.util.Map;

/** What a request is answered: a status and a body, which nobody keeps. */
public record Reply(int status, String contentType, String body) {

  public static Reply json(int status, ObjectNode body) {
    return new Reply(status, "application/json", Json.write(body));
  }

  public static Reply json(ObjectNode body) {
    return json(200, body);
  }

  /** Done, with nothing to tell. */
  public static Reply done() {
    return json(Json.MAPPER.createObjectNode());
  }

  public static Reply text(String body) {
    return new Reply(200, "text/html; charset=utf-8", body);
  }

  public ObjectNode forGateway() {
    return GatewayEvent.answer(
        status, Map.of("content-type", contentType, "cache-control", "no-store"), body);
  }
}
