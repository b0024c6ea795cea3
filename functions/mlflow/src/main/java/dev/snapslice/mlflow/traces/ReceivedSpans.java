package dev.snapslice.mlflow.traces;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.PythonJson;
import dev.snapslice.mlflow.tracking.Checks;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The spans of one trace that came with one request, and what they tell of the trace.
 *
 * @param resource attributes of what sent them
 */
record ReceivedSpans(String traceId, List<ObjectNode> spans, Map<String, JsonNode> resource) {
  private static final int TRACE_ID_BYTES = 16;
  private static final int SPAN_ID_BYTES = 8;
  private static final long NANOS = 1_000_000;
  private static final int LONGEST_PREVIEW = 1_000;
  private static final String TAG = "mlflow.traceTag.";

  /** The services that MLflow names at a root span. */
  private static final Set<String> SERVICES =
      Set.of("claude-code", "codex_cli_rs", "codex_vscode", "gemini-cli", "qwen-code");

  /**
   * Sorts the spans of a request by their traces.
   *
   * @throws OtlpException if there are none, or one has no proper id
   */
  static List<ReceivedSpans> of(ObjectNode request) throws OtlpException {
    if (request.path("resource_spans").isEmpty()) {
      throw new OtlpException(400, "Invalid OpenTelemetry format - no spans found");
    }
    Map<String, ReceivedSpans> byTrace = new LinkedHashMap<>();
    for (JsonNode resourceSpans : request.path("resource_spans")) {
      Map<String, JsonNode> resource = Attributes.of(resourceSpans.path("resource"));
      for (JsonNode scopeSpans : resourceSpans.path("scope_spans")) {
        for (JsonNode span : scopeSpans.path("spans")) {
          String traceId = "tr-" + id(span.path("trace_id"), TRACE_ID_BYTES);
          id(span.path("span_id"), SPAN_ID_BYTES);
          ReceivedSpans received =
              byTrace.computeIfAbsent(
                  traceId, id -> new ReceivedSpans(id, new ArrayList<>(), new HashMap<>()));
          received.spans.add(kept((ObjectNode) span, traceId, resource));
          received.resource.putAll(resource);
        }
      }
    }
    return List.copyOf(byTrace.values());
  }

  private static String id(JsonNode base64, int length) throws OtlpException {
    byte[] bytes = Base64.getDecoder().decode(base64.asText());
    if (bytes.length != length) {
      throw new OtlpException(422, "Cannot convert OpenTelemetry span to MLflow span");
    }
    return HexFormat.of().formatHex(bytes);
  }

  /** A span with the id that MLflow has for its trace, and each attribute once. */
  private static ObjectNode kept(ObjectNode span, String traceId, Map<String, JsonNode> resource) {
    if (span.path("parent_span_id").asText("").isEmpty()) {
      span.remove("parent_span_id");
    }
    Map<String, JsonNode> pairs = new HashMap<>();
    span.path("attributes").forEach(pair -> pairs.put(pair.path("key").asText(), pair));
    Map<String, JsonNode> sent = Attributes.of(span);
    Map<String, JsonNode> values = new LinkedHashMap<>(sent);
    values.replaceAll((name, value) -> Attributes.unwrapped(value));
    values.put("mlflow.traceRequestId", TextNode.valueOf(traceId));
    Attributes.text(resource, "service.name")
        .filter(service -> SERVICES.contains(service) && !span.has("parent_span_id"))
        .ifPresent(service -> values.put("service.name", TextNode.valueOf(service)));
    Convention.addTo(values);
    ArrayNode attributes = span.putArray("attributes");
    values.forEach((name, value) ->
        attributes.add(
            value.equals(sent.get(name)) ? pairs.get(name) : Attributes.pair(name, value)));
    span.withObject("/status");
    return span;
  }

  /** When the first began, in epoch milliseconds. */
  long begin() {
    return spans.stream()
            .mapToLong(span -> span.path("start_time_unix_nano").asLong())
            .min()
            .orElseThrow()
        / NANOS;
  }

  private long end() {
    return spans.stream()
            .mapToLong(span -> span.path("end_time_unix_nano").asLong())
            .max()
            .orElseThrow()
        / NANOS;
  }

  private Optional<ObjectNode> root() {
    return spans.stream().filter(span -> !span.has("parent_span_id")).findFirst();
  }

  /** Adds what the spans tell to what is known of the trace; the same again changes nothing. */
  void addTo(Trace trace) {
    if (!trace.isFinal()) {
      addTimes(trace);
    }
    if (trace.state().equals(Trace.UNSPECIFIED) || trace.state().equals(Trace.IN_PROGRESS)) {
      trace.info().put("state", root().map(ReceivedSpans::state).orElse(trace.state()));
    }
    trace.tag(Trace.SPANS_TAG, Trace.SPANS_HERE);
    resource.forEach((key, value) -> {
      if (!key.startsWith("telemetry.sdk.") && !key.startsWith("mlflow.")) {
        tag(trace, key, value);
      }
    });
    for (ObjectNode span : spans) {
      Map<String, JsonNode> attributes = Attributes.of(span);
      trace.note(SpanNote.of(span));
      Attributes.text(attributes, "session.id")
          .or(() -> Attributes.text(attributes, "gen_ai.conversation.id"))
          .ifPresent(session -> metadataOnce(trace, Trace.SESSION, session));
      Attributes.text(attributes, "user.id")
          .ifPresent(user -> metadataOnce(trace, "mlflow.trace.user", user));
    }
    for (Usage usage : Usage.values()) {
      usage.sum(trace);
    }
    root().ifPresent(root -> addRoot(trace, Attributes.of(root)));
  }

  private void addTimes(Trace trace) {
    long begin = Math.min(trace.millis(), begin());
    long known = trace.duration().map(took -> trace.millis() + took).orElse(0L);
    long end = Math.max(known, end());
    trace.begin(begin);
    if (end > 0) {
      trace.last(end - begin);
    }
  }

  private static String state(ObjectNode root) {
    return root.path("status").path("code").asText().equals("STATUS_CODE_ERROR") ? "ERROR" : "OK";
  }

  private static void metadataOnce(Trace trace, String key, String value) {
    if (trace.metadata(key).isEmpty()) {
      trace.metadata(key, value);
    }
  }

  private static void addRoot(Trace trace, Map<String, JsonNode> attributes) {
    preview(trace, "request_preview", attributes.get("mlflow.spanInputs"));
    preview(trace, "response_preview", attributes.get("mlflow.spanOutputs"));
    attributes.forEach((key, value) -> {
      if (key.startsWith(TAG)) {
        tag(trace, key.substring(TAG.length()), value);
      }
    });
  }

  private static void preview(Trace trace, String field, JsonNode value) {
    if (value != null && trace.text(field).isEmpty()) {
      String text = PythonJson.unicode(value);
      trace
          .info()
          .put(
              field,
              text.length() <= LONGEST_PREVIEW
                  ? text
                  : text.substring(0, LONGEST_PREVIEW - 3) + "...");
    }
  }

  /** One that is no proper tag is left out. */
  private static void tag(Trace trace, String key, JsonNode value) {
    try {
      String text = value.isTextual() ? value.asText() : PythonJson.dumps(value);
      trace.tag(key, Checks.tag("", key, text));
    } catch (MlflowException e) {
      // What sent the spans did not mean it for MLflow.
    }
  }
}
