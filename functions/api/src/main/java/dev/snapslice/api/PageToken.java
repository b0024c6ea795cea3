package dev.snapslice.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.index.Cursor;
import dev.snapslice.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * Where a list goes on, as callers hand it back: opaque to them, and good for the list it came from
 * only. It opens nothing that the request itself does not, so it is not signed.
 *
 * @param of what the list is of: everything in the request but limit and page
 */
record PageToken(String of, Cursor cursor) {

  /** The page that a request asks for; the first if it names none. */
  static Cursor read(Request request, String of) {
    Optional<PageToken> token = request.query("page").map(PageToken::decode);
    if (token.isPresent() && !token.get().of().equals(of)) {
      throw Problem.invalid("the page is one of another list: send all else as before");
    }
    return token.map(PageToken::cursor).orElse(Cursor.START);
  }

  String encode() {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("of", of);
    node.put("after", cursor.after());
    node.put("whole", cursor.wholePrefix());
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(Json.write(node).getBytes(StandardCharsets.UTF_8));
  }

  static PageToken decode(String text) {
    try {
      byte[] json = Base64.getUrlDecoder().decode(text);
      JsonNode node = Json.MAPPER.readTree(new String(json, StandardCharsets.UTF_8));
      if (node == null || !node.path("of").isTextual() || !node.path("after").isTextual()) {
        throw unreadable();
      }
      return new PageToken(
          node.path("of").asText(),
          new Cursor(Request.bounded(node.path("after").asText()), node.path("whole").asBoolean()));
    } catch (IllegalArgumentException | JsonProcessingException e) {
      throw unreadable();
    }
  }

  private static Problem unreadable() {
    return Problem.invalid("the page is none that was ever given out");
  }
}
