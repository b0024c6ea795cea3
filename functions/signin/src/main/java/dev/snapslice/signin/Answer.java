package dev.snapslice.signin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.runtime.GatewayEvent;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A page or a way to another one, with the cookies that it sets. */
record Answer(int status, Map<String, String> headers, List<String> cookies, String body) {

  /** A page of HTML. */
  static Answer page(int status, String html) {
    return new Answer(status, headers("content-type", "text/html; charset=utf-8"), List.of(), html);
  }

  /** To be asked for by GET, whatever was asked now. */
  static Answer see(URI other) {
    return new Answer(303, headers("location", other.toString()), List.of(), "");
  }

  private static Map<String, String> headers(String name, String value) {
    return Map.of(
        name,
        value,
        "cache-control",
        "no-store",
        "referrer-policy",
        "no-referrer",
        "x-content-type-options",
        "nosniff");
  }

  Answer with(String cookie) {
    List<String> more = new ArrayList<>(cookies);
    more.add(cookie);
    return new Answer(status, headers, List.copyOf(more), body);
  }

  ObjectNode forGateway() {
    ObjectNode answer = GatewayEvent.answer(status, new HashMap<>(headers), body);
    cookies.forEach(answer.putArray("cookies")::add);
    return answer;
  }
}
