package dev.snapslice.mlflow.traces;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.PythonJson;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * A span as MLflow keeps it itself: what its files hold, and what a search for text looks into.
 * Each attribute is JSON in a text.
 */
final class SpanContent {
  private SpanContent() {}

  /** Of a span as OpenTelemetry's message. */
  static ObjectNode of(ObjectNode span) {
    ObjectNode content = Json.MAPPER.createObjectNode();
    for (String id : List.of("trace_id", "span_id", "parent_span_id")) {
      content.set(id, span.has(id) ? span.get(id) : Json.MAPPER.nullNode());
    }
    content.put("name", span.path("name").asText(""));
    for (String time : List.of("start_time_unix_nano", "end_time_unix_nano")) {
      content.put(time, span.path(time).asLong());
    }
    content.putArray("events");
    for (JsonNode event : span.path("events")) {
      ObjectNode told = content.withArray("/events").addObject();
      told.put("name", event.path("name").asText(""));
      told.put("time_unix_nano", event.path("time_unix_nano").asLong());
      Attributes.of(event).forEach(told.putObject("attributes")::set);
    }
    ObjectNode status = content.putObject("status");
    status.put("code", span.path("status").path("code").asText("STATUS_CODE_UNSET"));
    JsonNode message = span.path("status").path("message");
    status.set("message", message.isMissingNode() ? Json.MAPPER.nullNode() : message);
    ObjectNode attributes = content.putObject("attributes");
    Attributes.of(span).forEach((key, value) -> attributes.put(key, PythonJson.unicode(value)));
    content.putArray("links");
    for (JsonNode link : span.path("links")) {
      ObjectNode told = content.withArray("/links").addObject();
      told.put("trace_id", "tr-" + hex(link.path("trace_id")));
      told.put("span_id", hex(link.path("span_id")));
      Attributes.of(link).forEach(told.putObject("attributes")::set);
    }
    return content;
  }

  private static String hex(JsonNode base64) {
    return HexFormat.of().formatHex(Base64.getDecoder().decode(base64.asText()));
  }
}
