package dev.snapslice.mlflow.traces;

import static java.util.Map.entry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.mlflow.protocol.Field;
import java.util.Map;

/**
 * A field of OpenTelemetry's messages.
 *
 * @param name as protobuf has it
 * @param of the message's name in {@link #MESSAGES}, where it is one
 */
record OtlpField(String name, Kind kind, String of, boolean repeated) {

  /** The types of protobuf that the messages have. */
  enum Kind {
    TEXT(2),
    /** Bytes: base64 in JSON, but for OTLP hexadecimal. */
    ID(2),
    BYTES(2),
    MESSAGE(2),
    INTEGER(0),
    FLAG(0),
    STATUS(0),
    NANOS(1),
    NUMBER(1);

    private final int wireType;

    Kind(int wireType) {
      this.wireType = wireType;
    }

    /** How protobuf writes it. */
    int wireType() {
      return wireType;
    }
  }

  static final String REQUEST = "ExportTraceServiceRequest";

  /**
   * What MLflow keeps of the messages, by number.
   *
   * @see <a
   *     href="https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto">opentelemetry-proto</a>
   */
  static final Map<String, Map<Integer, OtlpField>> MESSAGES =
      Map.ofEntries(
          entry(REQUEST, Map.of(1, many("resource_spans", "ResourceSpans"))),
          entry(
              "ResourceSpans",
              Map.of(1, one("resource", "Resource"), 2, many("scope_spans", "ScopeSpans"))),
          entry("Resource", Map.of(1, many("attributes", "KeyValue"))),
          entry("ScopeSpans", Map.of(2, many("spans", "Span"))),
          entry(
              "Span",
              Map.of(
                  1, plain("trace_id", Kind.ID),
                  2, plain("span_id", Kind.ID),
                  4, plain("parent_span_id", Kind.ID),
                  5, plain("name", Kind.TEXT),
                  7, plain("start_time_unix_nano", Kind.NANOS),
                  8, plain("end_time_unix_nano", Kind.NANOS),
                  9, many("attributes", "KeyValue"),
                  11, many("events", "Event"),
                  13, many("links", "Link"),
                  15, one("status", "Status"))),
          entry(
              "Event",
              Map.of(
                  1, plain("time_unix_nano", Kind.NANOS),
                  2, plain("name", Kind.TEXT),
                  3, many("attributes", "KeyValue"))),
          entry(
              "Link",
              Map.of(
                  1, plain("trace_id", Kind.ID),
                  2, plain("span_id", Kind.ID),
                  4, many("attributes", "KeyValue"))),
          entry("Status", Map.of(2, plain("message", Kind.TEXT), 3, plain("code", Kind.STATUS))),
          entry("KeyValue", Map.of(1, plain("key", Kind.TEXT), 2, one("value", "AnyValue"))),
          entry(
              "AnyValue",
              Map.of(
                  1, plain("string_value", Kind.TEXT),
                  2, plain("bool_value", Kind.FLAG),
                  3, plain("int_value", Kind.INTEGER),
                  4, plain("double_value", Kind.NUMBER),
                  5, one("array_value", "Values"),
                  6, one("kvlist_value", "Pairs"),
                  7, plain("bytes_value", Kind.BYTES))),
          entry("Values", Map.of(1, many("values", "AnyValue"))),
          entry("Pairs", Map.of(1, many("values", "KeyValue"))));

  private static OtlpField plain(String name, Kind kind) {
    return new OtlpField(name, kind, "", false);
  }

  private static OtlpField one(String name, String of) {
    return new OtlpField(name, Kind.MESSAGE, of, false);
  }

  private static OtlpField many(String name, String of) {
    return new OtlpField(name, Kind.MESSAGE, of, true);
  }

  /** An attribute that has no value has no field for it either, in MLflow's answers. */
  static ObjectNode withoutNothing(ObjectNode message) {
    if (message.has("key") && message.path("value").isEmpty()) {
      message.remove("value");
    }
    return message;
  }

  /** Its name in JSON. */
  String jsonName() {
    return Field.jsonName(name);
  }
}
