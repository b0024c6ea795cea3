package dev.snapslice.mlflow.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
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
  private static final int MOST_ELEMENTS = 5_000;
  private static final int MOST_CHARACTERS = 250;

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

  /**
   * The same, with what is long in it cut, if it is more than Lambda hands over: one run or model
   * of thousands of long values hides no others that way.
   */
  public Reply fitting() {
    String fitting = body;
    for (int most = MOST_ELEMENTS; most > 0 && !GatewayEvent.fits(fitting); most /= 2) {
      fitting = Json.write(cut(Json.read(body, JsonNode.class), most));
    }
    return new Reply(status, contentType, fitting, headers);
  }

  /** Of lists the last elements stay, and of texts the first characters. */
  private static JsonNode cut(JsonNode json, int most) {
    return switch (json) {
      case ObjectNode object -> {
        object.properties().forEach(each -> each.setValue(cut(each.getValue(), most)));
        yield object;
      }
      case ArrayNode array -> {
        ArrayNode last = Json.MAPPER.createArrayNode();
        for (int i = Math.max(0, array.size() - most); i < array.size(); i++) {
          last.add(cut(array.get(i), most));
        }
        yield last;
      }
      case TextNode text when text.asText().length() > MOST_CHARACTERS ->
          TextNode.valueOf(text.asText().substring(0, MOST_CHARACTERS) + "…");
      default -> json;
    };
  }

  public ObjectNode forGateway() {
    Map<String, String> all = new HashMap<>(headers);
    all.put("content-type", contentType);
    all.put("cache-control", "no-store");
    return GatewayEvent.answer(status, all, body);
  }
}
