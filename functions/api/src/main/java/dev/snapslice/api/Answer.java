package dev.snapslice.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.runtime.GatewayEvent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntFunction;

/** What a request is answered: status, headers by lower-case name, and text. */
record Answer(int status, Map<String, String> headers, String body) {
  /** JSON that nobody keeps. */
  static Answer json(int status, ObjectNode body) {
    return new Answer(
        status,
        Map.of("content-type", "application/json", "cache-control", "no-store"),
        Json.write(body));
  }

  /** A page of as many entries as asked for, or of fewer where their keys are very long. */
  static Answer page(int limit, IntFunction<Answer> page) {
    Answer answer = page.apply(limit);
    for (int fewer = limit / 4; !answer.fits() && fewer > 0; fewer /= 4) {
      answer = page.apply(fewer);
    }
    return answer;
  }

  static Answer nothing() {
    return new Answer(204, Map.of(), "");
  }

  Answer with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Answer(status, more, body);
  }

  /** Whether Lambda can hand it over. */
  boolean fits() {
    return GatewayEvent.fits(body);
  }

  /** As API Gateway wants it from a function. */
  ObjectNode forGateway() {
    return GatewayEvent.answer(status, headers, body);
  }
}
