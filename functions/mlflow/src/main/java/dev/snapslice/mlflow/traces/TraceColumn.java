package dev.snapslice.mlflow.traces;

import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.search.Column;
import java.util.Optional;

/** A column of traces, by the one name that it has. */
record TraceColumn(Entity entity, String key) {

  /** What a column belongs to. */
  enum Entity {
    ATTRIBUTE,
    TAG,
    METADATA,
    SPAN,
    FEEDBACK,
    EXPECTATION,
    ISSUE
  }

  /**
   * The column that is meant.
   *
   * @throws MlflowException if there is none
   */
  static TraceColumn of(Column column) {
    String name = column.entity().orElse("attribute");
    Entity entity =
        switch (name) {
          case "attribute", "attributes", "trace" -> Entity.ATTRIBUTE;
          case "tag", "tags" -> Entity.TAG;
          case "metadata", "request_metadata" -> Entity.METADATA;
          case "span" -> Entity.SPAN;
          case "feedback" -> Entity.FEEDBACK;
          case "expectation" -> Entity.EXPECTATION;
          case "issue" -> Entity.ISSUE;
          default -> throw MlflowException.invalid("Invalid entity type '%s'".formatted(name));
        };
    return entity == Entity.ATTRIBUTE
        ? attribute(column.key())
        : new TraceColumn(entity, column.key());
  }

  private static TraceColumn attribute(String key) {
    return switch (key) {
      case "timestamp", "timestamp_ms" -> new TraceColumn(Entity.ATTRIBUTE, "timestamp_ms");
      case "execution_time", "execution_time_ms" ->
          new TraceColumn(Entity.ATTRIBUTE, "execution_time_ms");
      case "end_time", "end_time_ms" -> new TraceColumn(Entity.ATTRIBUTE, "end_time_ms");
      case "request_id", "status", "client_request_id", "experiment_id", "prompt" ->
          new TraceColumn(Entity.ATTRIBUTE, key);
      case "name" -> new TraceColumn(Entity.TAG, Trace.NAME_TAG);
      case "run_id" -> new TraceColumn(Entity.METADATA, Trace.SOURCE_RUN);
      case "text" -> new TraceColumn(Entity.SPAN, "content");
      default ->
          throw MlflowException.invalid("Invalid attribute key '%s' specified".formatted(key));
    };
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
