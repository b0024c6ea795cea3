package dev.snapslice.mlflow.traces;

import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.PythonJson;
import dev.snapslice.mlflow.search.Comparison;
import dev.snapslice.mlflow.search.Operators;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What a filter says of spans: all of it has to be so of one of them. */
final class SpanFilter {
  private static final Set<String> NOTED = Set.of("name", "type", "status");
  private static final String ATTRIBUTE = "attributes.";

  private SpanFilter() {}

  /** A span that a filter looks at; what it holds is written only if that is asked for. */
  private record Searched(SpanNote note, String content) {}

  /** Which traces have such a span. */
  static Predicate<Trace> of(List<Comparison> comparisons, Spans spans) {
    Predicate<Searched> matches =
        comparisons.stream().map(SpanFilter::predicate).reduce(span -> true, Predicate::and);
    boolean inside =
        comparisons.stream().anyMatch(comparison -> !NOTED.contains(column(comparison)));
    return trace -> {
      Stream<Searched> all =
          inside
              ? spans.of(trace).stream()
                  .map(span ->
                      new Searched(SpanNote.of(span), PythonJson.unicode(SpanContent.of(span))))
              : spans.notes(trace).map(note -> new Searched(note, ""));
      return all.anyMatch(matches);
    };
  }

  private static String column(Comparison comparison) {
    return TraceColumn.of(comparison.column()).key();
  }

  private static Predicate<Searched> predicate(Comparison comparison) {
    String column = column(comparison);
    boolean isSpan = TraceColumn.Entity.of(comparison.column()) == TraceColumn.Entity.SPAN;
    if (isSpan && !comparison.operator().equals(comparison.operator().toUpperCase(Locale.ROOT))) {
      throw MlflowException.invalid("Invalid comparator of a span: " + comparison.operator());
    }
    if (NOTED.contains(column)) {
      Predicate<SpanNote> noted =
          Conditions.text(comparison, note -> note.text(column), Conditions.FOR_LISTS);
      return span -> noted.test(span.note());
    }
    if (column.equals("content")) {
      return holds(comparison, Set.of("LIKE", "ILIKE"), Conditions.quoted(comparison));
    }
    if (column.startsWith(ATTRIBUTE) && column.length() > ATTRIBUTE.length()) {
      String attribute = column.substring(ATTRIBUTE.length()).replace("`", "");
      String wanted = Conditions.quoted(comparison);
      return holds(
          comparison,
          Conditions.FOR_LISTS,
          comparison.operator().equalsIgnoreCase("RLIKE")
              ? pattern(attribute, wanted)
              : "%\"" + attribute + "\"" + wanted + "%");
    }
    throw MlflowException.invalid(
        "Invalid span attribute '%s'. Supported attributes: name, status, type, attributes.<attribute_name>."
            .formatted(column));
  }

  /** A pattern for the value of an attribute, as one for the JSON around it. */
  private static String pattern(String attribute, String wanted) {
    String begin = wanted.startsWith("^") ? wanted.substring(1) : ".*" + wanted;
    return "\"%s\": \"\\\\\"%s"
        .formatted(
            attribute,
            begin.endsWith("$") ? begin.substring(0, begin.length() - 1) + "\\\\\"" : begin);
  }

  private static Predicate<Searched> holds(
      Comparison comparison, Set<String> operators, String wanted) {
    String operator = comparison.operator(operators);
    Predicate<String> matches = Operators.matching(operator, new Comparison.Text(wanted, wanted));
    return span -> matches.test(span.content());
  }
}
