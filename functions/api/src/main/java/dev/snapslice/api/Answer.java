package dev.snapslice.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a request is answered: status, headers by lower-case name, and text. */
record Answer(int status, Map<String, String> headers, String body) {

  /** JSON that nobody keeps. */
  static Answer json(int status, ObjectNode body) {
    return new Answer(
        status,
        Map.of("content-type", "application/json", "cache-control", "no-store"),
        Json.write(body));
  }

  static Answer nothing() {
    return new Answer(204, Map.of(), "");
  }

  Answer with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Answer(status, more, body);
  }

  /** As API Gateway wants it from a function. */
  ObjectNode forGateway() {
    ObjectNode answer = Json.MAPPER.createObjectNode();
    answer.put("statusCode", status);
    ObjectNode shown = answer.putObject("headers");
    headers.forEach(shown::put);
    answer.put("body", body);
    answer.put("isBase64Encoded", false);
    return answer;
  }
}
