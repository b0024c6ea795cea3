package dev.snapslice.mlflow.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.runtime.GatewayEvent;
import java.util.HashMap;
import java.util.Map;

/**
 * What a request is answered: a status and a body, which nobody keeps.
 *
 * @param headers more of them
 */
public record Reply(int status, String contentType, String body, Map<String, String> headers) {
  private Reply(int status, String contentType, String body) {
    this(status, contentType, body, Map.of());
  }

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

  /** What was asked for is found at another URL. */
  public static Reply redirect(String url) {
    return new Reply(302, "text/plain", "", Map.of("location", url));
  }

  public ObjectNode forGateway() {
    Map<String, String> all = new HashMap<>(headers);
    all.put("content-type", contentType);
    all.put("cache-control", "no-store");
    return GatewayEvent.answer(status, all, body);
  }
}
