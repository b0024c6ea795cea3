package dev.snapslice.mlflow.traces;

import static dev.snapslice.mlflow.traces.Aggregation.Kind.AVG;
import static dev.snapslice.mlflow.traces.Aggregation.Kind.COUNT;
import static dev.snapslice.mlflow.traces.Aggregation.Kind.MAX;
import static dev.snapslice.mlflow.traces.Aggregation.Kind.MIN;
import static dev.snapslice.mlflow.traces.Aggregation.Kind.PERCENTILE;
import static dev.snapslice.mlflow.traces.Aggregation.Kind.SUM;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Python;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What charts may ask of traces, spans and assessments.
 *
 * @param of whose it is
 * @param value none for those that do not count
 */
record Measure(
    View of,
    String name,
    Set<Aggregation.Kind> aggregations,
    Set<String> dimensions,
    Function<Measured, Optional<JsonNode>> value) {

  /** What is counted, in the order of the protocol's numbers. */
  enum View {
    TRACES,
    SPANS,
    ASSESSMENTS;

    /** The one of a name; the first where none has it, as protobuf reads it. */
    static View of(String name) {
      return Stream.of(values())
          .filter(view -> view.name().equals(name))
          .findFirst()
          .orElse(TRACES);
    }
  }

  static final String SESSIONS = "session_count";
  private static final Set<Aggregation.Kind> COUNTED = EnumSet.of(COUNT);
  private static final Set<Aggregation.Kind> RANGED = EnumSet.of(AVG, MIN, MAX, PERCENTILE);
  private static final Set<Aggregation.Kind> SUMMED = EnumSet.of(SUM, AVG, MIN, MAX, PERCENTILE);
  private static final Set<String> MODELS = Set.of("span_model_name", "span_model_provider");

  private static final List<Measure> ALL =
      List.of(
          new Measure(
              View.TRACES,
              "trace_count",
              COUNTED,
              Set.of("trace_name", "trace_status"),
              each -> Optional.of(TextNode.valueOf(each.trace().id()))),
          new Measure(
              View.TRACES,
              SESSIONS,
              COUNTED,
              Set.of(),
              each -> each.trace().metadata(Trace.SESSION).map(TextNode::valueOf)),
          new Measure(
              View.TRACES,
              "latency",
              RANGED,
              Set.of("trace_name"),
              each -> each.trace().duration().map(LongNode::valueOf)),
          tokens("input_tokens"),
          tokens("output_tokens"),
          tokens("total_tokens"),
          tokens("cache_read_input_tokens"),
          tokens("cache_creation_input_tokens"),
          new Measure(
              View.SPANS,
              "span_count",
              COUNTED,
              Set.of(
                  "span_name",
                  "span_type",
                  "span_status",
                  "span_model_name",
                  "span_model_provider"),
              each -> Optional.of(TextNode.valueOf(each.span().id()))),
          new Measure(
              View.SPANS,
              "latency",
              RANGED,
              Set.of("span_name", "span_status"),
              each -> Optional.of(LongNode.valueOf(each.span().millis()))),
          cost("input_cost"),
          cost("output_cost"),
          cost("total_cost"),
          new Measure(
              View.ASSESSMENTS,
              "assessment_count",
              COUNTED,
              Set.of("assessment_name", "assessment_value"),
              each -> Optional.of(each.part().path("assessment_id"))),
          new Measure(
              View.ASSESSMENTS,
              "assessment_value",
              RANGED,
              Set.of("assessment_name"),
              Measured::score));

  private static Measure tokens(String key) {
    return new Measure(
        View.TRACES,
        key,
        SUMMED,
        Set.of("trace_name"),
        each -> Usage.TOKENS.of(each.trace()).map(told -> told.get(key)));
  }

  private static Measure cost(String key) {
    return new Measure(
        View.SPANS,
        key,
        SUMMED,
        MODELS,
        each -> each.span().usage(Usage.COST).map(told -> told.get(key)));
  }

  /**
   * A measure, if it is known and may be asked for so.
   *
   * @throws MlflowException if not
   */
  static Measure of(View of, String name, List<Aggregation> aggregations, List<String> dimensions) {
    List<Measure> known = ALL.stream().filter(measure -> measure.of == of).toList();
    Measure measure =
        known.stream()
            .filter(each -> each.name.equals(name))
            .findFirst()
            .orElseThrow(() ->
                MlflowException.invalid(
                    "metric_name must be one of %s, got '%s'"
                        .formatted(Python.list(known.stream().map(Measure::name).toList()), name)));
    refuse(
        "aggregation_type(s)",
        "aggregation types",
        aggregations.stream().map(each -> each.kind().name()),
        measure.aggregations.stream().map(Enum::name));
    refuse("dimension(s)", "dimensions", dimensions.stream(), measure.dimensions.stream());
    return measure;
  }

  private static void refuse(
      String some, String all, Stream<String> asked, Stream<String> supported) {
    Set<String> known = new TreeSet<>(supported.toList());
    Set<String> unknown = new TreeSet<>(asked.toList());
    unknown.removeAll(known);
    if (!unknown.isEmpty()) {
      throw MlflowException.invalid(
          "Found invalid %s: %s. Supported %s: %s"
              .formatted(
                  some, Python.list(List.copyOf(unknown)), all, Python.list(List.copyOf(known))));
    }
  }

  /** Whether a moment is that of a span and not of its trace. */
  boolean isBySpan() {
    return List.of("input_cost", "output_cost", "total_cost").contains(name);
  }
}
