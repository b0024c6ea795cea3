package dev.snapslice.mlflow.traces;

import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.search.Column;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** A column of traces, by the one name that it has. */
record TraceColumn(Entity entity, String key) {
  /** The tag that stands for the prompts that a trace is linked to. */
  static final String PROMPTS = "mlflow.linkedPrompts";

  private static final Set<String> ATTRIBUTES =
      Set.of(
          "request_id",
          "client_request_id",
          "experiment_id",
          "status",
          "timestamp",
          "timestamp_ms",
          "execution_time",
          "execution_time_ms",
          "end_time",
          "end_time_ms",
          "name",
          "run_id",
          "prompt",
          "text");

  /** What a column belongs to. */
  enum Entity {
    ATTRIBUTE,
    TAG,
    METADATA,
    SPAN,
    FEEDBACK,
    EXPECTATION,
    ISSUE;

    static Entity of(Column column) {
      String name = column.plainEntity().orElse("attribute");
      return switch (name) {
        case "attribute", "attributes", "trace" -> ATTRIBUTE;
        case "tag", "tags" -> TAG;
        case "metadata", "request_metadata" -> METADATA;
        case "span" -> SPAN;
        case "feedback" -> FEEDBACK;
        case "expectation" -> EXPECTATION;
        case "issue" -> ISSUE;
        default -> throw MlflowException.invalid("Invalid entity type '%s'".formatted(name));
      };
    }
  }

  /**
   * The column that is meant.
   *
   * @throws MlflowException if there is none
   */
  static TraceColumn of(Column column) {
    Entity entity = Entity.of(column);
    String key = column.key();
    if (entity == Entity.SPAN) {
      return new TraceColumn(entity, key);
    }
    if (entity == Entity.ATTRIBUTE && !isAttribute(column)) {
      throw MlflowException.invalid("Invalid attribute key '%s' specified".formatted(key));
    }
    // Some keys mean the same wherever they are.
    return switch (key.toLowerCase(Locale.ROOT)) {
      case "timestamp" -> new TraceColumn(entity, "timestamp_ms");
      case "execution_time" -> new TraceColumn(entity, "execution_time_ms");
      case "end_time" -> new TraceColumn(entity, "end_time_ms");
      case "name" -> new TraceColumn(Entity.TAG, Trace.NAME_TAG);
      case "prompt" -> new TraceColumn(Entity.TAG, PROMPTS);
      case "run_id" -> new TraceColumn(Entity.METADATA, Trace.SOURCE_RUN);
      case "text" -> new TraceColumn(Entity.SPAN, "content");
      default -> new TraceColumn(entity, key);
    };
  }

  /** SQL takes a bare {@code text} for a type. */
  private static boolean isAttribute(Column column) {
    return ATTRIBUTES.contains(column.key())
        && !(column.entity().isEmpty() && column.written().equals("text"));
  }

  /** Whether it is an attribute that is a number: a time or a duration in milliseconds. */
  boolean isNumber() {
    return entity == Entity.ATTRIBUTE && key.endsWith("_ms");
  }

  /** An attribute that is a number. */
  Optional<Long> number(Trace trace) {
    return switch (key) {
      case "timestamp_ms" -> Optional.of(trace.millis());
      case "execution_time_ms" -> trace.duration();
      default -> Optional.of(trace.millis() + trace.duration().orElse(0L));
    };
  }

  /** An attribute that is a text. */
  Optional<String> text(Trace trace) {
    return switch (key) {
      case "request_id" -> Optional.of(trace.id());
      case "status" -> Optional.of(trace.state());
      case "experiment_id" -> Optional.of(trace.experimentId());
      default -> trace.text(key);
    };
  }
}
