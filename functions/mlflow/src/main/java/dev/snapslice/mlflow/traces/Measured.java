package dev.snapslice.mlflow.traces;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.PythonJson;
import java.util.Locale;
import java.util.Optional;

/**
 * One of those that charts count: a trace, or with it one of its spans or assessments.
 *
 * @param part the span's note or the assessment; missing for the trace itself
 */
record Measured(Trace trace, JsonNode part) {
  Measured(Trace trace) {
    this(trace, MissingNode.getInstance());
  }

  SpanNote span() {
    return new SpanNote((ObjectNode) part);
  }

  /** One of the names by which charts divide. */
  Optional<String> dimension(String name) {
    return switch (name) {
      case "trace_name" -> trace.tag(Trace.NAME_TAG);
      case "trace_status" -> Optional.of(trace.state());
      case "span_model_name" -> span().text("model");
      case "span_model_provider" -> span().text("provider");
      case "span_name", "span_type", "span_status" -> span().text(name.substring("span_".length()));
      case "assessment_name" -> Optional.of(part.path("assessment_name").asText());
      case "assessment_value" -> Optional.of(PythonJson.dumps(Assessments.said(part)));
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** What an assessment says, if that is a number or as good as one. */
  Optional<JsonNode> score() {
    JsonNode said = Assessments.said(part);
    return switch (said.getNodeType()) {
      case BOOLEAN -> Optional.of(Json.MAPPER.valueToTree(said.asBoolean() ? 1.0 : 0.0));
      case NUMBER -> Optional.of(said);
      case STRING ->
          switch (said.asText().strip().toLowerCase(Locale.ROOT)) {
            case "yes" -> Optional.of(Json.MAPPER.valueToTree(1.0));
            case "no" -> Optional.of(Json.MAPPER.valueToTree(0.0));
            default -> Optional.empty();
          };
      default -> Optional.empty();
    };
  }
}
