package dev.snapslice.mlflow.traces;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import java.util.Map;
import java.util.Optional;

/** What a trace keeps of one of its spans: what searches, charts and sums ask of it. */
record SpanNote(ObjectNode json) {
  static final String MODEL = "mlflow.llm.model";
  static final String PROVIDER = "mlflow.llm.provider";

  /** Of a span as OpenTelemetry's message. */
  static SpanNote of(ObjectNode span) {
    Map<String, JsonNode> attributes = Attributes.of(span);
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("id", span.path("span_id").asText());
    if (span.has("parent_span_id")) {
      json.put("parent", span.path("parent_span_id").asText());
    }
    json.put("name", span.path("name").asText(""));
    Attributes.text(attributes, "mlflow.spanType").ifPresent(type -> json.put("type", type));
    json.put(
        "status", span.path("status").path("code").asText("UNSET").replace("STATUS_CODE_", ""));
    json.put("begin", span.path("start_time_unix_nano").asLong());
    json.put("end", span.path("end_time_unix_nano").asLong());
    Attributes.text(attributes, MODEL).ifPresent(model -> json.put("model", model));
    Attributes.text(attributes, PROVIDER).ifPresent(by -> json.put("provider", by));
    for (Usage usage : Usage.values()) {
      usage.told(attributes).ifPresent(told -> json.set(usage.name(), told));
    }
    return new SpanNote(json);
  }

  String id() {
    return json.path("id").asText();
  }

  /** A field that is a text, if it is there and not empty. */
  Optional<String> text(String field) {
    return Optional.of(json.path(field).asText("")).filter(text -> !text.isEmpty());
  }

  /** When it began, in nanoseconds since the epoch. */
  long begin() {
    return json.path("begin").asLong();
  }

  /** How long it took, in whole milliseconds. */
  long millis() {
    return Math.floorDiv(json.path("end").asLong() - begin(), 1_000_000);
  }

  Optional<ObjectNode> usage(Usage usage) {
    return Optional.ofNullable((ObjectNode) json.get(usage.name()));
  }
}
