package dev.snapslice.mlflow.traces;

import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Python;
import dev.snapslice.mlflow.search.Column;
import dev.snapslice.mlflow.search.Comparison;
import dev.snapslice.mlflow.search.Filter;
import dev.snapslice.mlflow.search.Operators;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The search language of traces: attributes, tags, metadata, assessments, and spans.
 *
 * @see <a href="https://mlflow.org/docs/latest/genai/tracing/search-traces/">Search traces</a>
 */
final class TraceFilter {
  private static final Set<String> FOR_NUMBERS = Set.of("=", "!=", "<", "<=", ">", ">=");

  /** SQL takes it for a type, which MLflow compares with whole numbers. */
  private static final Column BARE_TIMESTAMP = new Column(Optional.empty(), "timestamp");

  private TraceFilter() {}

  /**
   * Which traces a filter wants; spans are read only of those that it wants otherwise.
   *
   * @throws MlflowException if it is none
   */
  static Predicate<Trace> of(String filter, Spans spans) {
    List<Comparison> onSpans = new ArrayList<>();
    Predicate<Trace> all = trace -> true;
    for (Comparison comparison : Filter.parse(filter)) {
      TraceColumn column = TraceColumn.of(comparison.column());
      if (column.entity() == TraceColumn.Entity.SPAN) {
        onSpans.add(comparison);
      } else {
        all = all.and(predicate(column, comparison));
      }
    }
    return onSpans.isEmpty() ? all : all.and(SpanFilter.of(onSpans, spans));
  }

  private static Predicate<Trace> predicate(TraceColumn column, Comparison comparison) {
    String key = column.key();
    return switch (column.entity()) {
      case TAG ->
          key.equals(TraceColumn.PROMPTS)
              ? prompt(comparison)
              : Conditions.orNothing(comparison, trace -> trace.tag(key));
      case METADATA -> {
        Predicate<Trace> told = Conditions.orNothing(comparison, trace -> trace.metadata(key));
        yield key.equals(Trace.SOURCE_RUN)
                && comparison.operator().equals("=")
                && comparison.value() instanceof Comparison.Text(String run, String written)
            ? told.or(trace -> trace.isLinked(Trace.RUNS, run))
            : told;
      }
      case FEEDBACK, EXPECTATION ->
          AssessmentFilter.of(column.entity().name().toLowerCase(Locale.ROOT), key, comparison);
      case ISSUE -> AssessmentFilter.issue(comparison);
      case ATTRIBUTE, SPAN -> attribute(column, comparison);
    };
  }

  private static Predicate<Trace> attribute(TraceColumn column, Comparison comparison) {
    if (column.isNumber()) {
      double value = Conditions.number(comparison);
      if (comparison.column().equals(BARE_TIMESTAMP)
          && !Python.isInteger(comparison.value().written())) {
        throw MlflowException.invalid("Invalid clause(s) in filter string: 'timestamp'");
      }
      String operator = comparison.operator(FOR_NUMBERS);
      return trace ->
          column.number(trace).filter(m -> Operators.holds(operator, m, value)).isPresent();
    }
    if (column.key().equals("experiment_id")) {
      throw MlflowException.invalid("Invalid attribute key 'experiment_id' specified");
    }
    return Conditions.text(comparison, column::text, Conditions.FOR_LISTS);
  }

  private static Predicate<Trace> prompt(Comparison comparison) {
    comparison.operator(Set.of("="));
    String prompt = Conditions.quoted(comparison);
    if (prompt.chars().filter(c -> c == '/').count() != 1) {
      throw MlflowException.invalid(
          "Invalid prompts filter value '%s'. Expected format: prompt = \"name/version\""
              .formatted(prompt));
    }
    return trace -> trace.isLinked(Trace.PROMPTS, prompt);
  }
}
