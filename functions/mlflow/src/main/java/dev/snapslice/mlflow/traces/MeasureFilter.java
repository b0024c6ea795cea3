package dev.snapslice.mlflow.traces;

import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Python;
import dev.snapslice.mlflow.search.Column;
import dev.snapslice.mlflow.search.Comparison;
import dev.snapslice.mlflow.search.Filter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Reads what of traces, spans and assessments charts ask for: {@code trace.status = 'OK'}, {@code
 * trace.tag.<key> = '…'}, {@code span.name = '…'}, one comparison each.
 */
final class MeasureFilter {
  /** The names after each entity, and whether a key follows. */
  private static final Map<String, Map<String, Boolean>> NAMES =
      Map.of(
          "trace", Map.of("status", false, "tag", true, "metadata", true),
          "span", Map.of("name", false, "status", false, "type", false),
          "assessment", Map.of("name", false, "type", false));

  private static final Set<String> TYPES = Set.of("feedback", "expectation", "issue");

  private MeasureFilter() {}

  /** What is compared: {@code of.name} or {@code of.name.key}. */
  private record Compared(String of, String name, String key) {
    static Compared of(Column column) {
      String of =
          column
              .plainEntity()
              .orElseThrow(() ->
                  MlflowException.invalid(
                      "Invalid identifier %s. Columns should be specified as 'trace.<key>', 'span.<key>', 'assessment.<key>'."
                          .formatted(Python.repr(column.key()))));
      if (!NAMES.containsKey(of)) {
        throw MlflowException.invalid(
            "Invalid view type '%s'. Valid values are dict_keys(['trace', 'span', 'assessment'])"
                .formatted(of));
      }
      int dot = column.written().indexOf('.');
      String name = dot < 0 ? column.written() : column.written().substring(0, dot);
      if (!NAMES.get(of).containsKey(name)) {
        throw MlflowException.invalid(
            "Invalid entity '%s' specified for view type '%s'".formatted(name, of));
      }
      boolean keyed = NAMES.get(of).get(name);
      if (keyed && dot < 0) {
        throw MlflowException.invalid(
            "Filtering by %s requires a key, e.g. '%s.%s.<key> = <value>'"
                .formatted(name, of, name));
      }
      if (!keyed && dot >= 0) {
        throw MlflowException.invalid(
            "Filtering by %s does not require a key, use '%s.%s' instead"
                .formatted(name, of, name));
      }
      return new Compared(of, name, keyed ? key(column.written().substring(dot + 1)) : "");
    }

    private static String key(String written) {
      return new Column(Optional.empty(), written).key();
    }
  }

  /**
   * Which ones a list of filters wants.
   *
   * @throws MlflowException if one is none, or not for that view
   */
  static Predicate<Measured> of(List<String> filters, Measure.View view) {
    return filters.stream()
        .map(filter -> predicate(filter, view))
        .reduce(each -> true, Predicate::and);
  }

  private static Predicate<Measured> predicate(String filter, Measure.View view) {
    Comparison comparison = Filter.single(filter);
    Compared compared = Compared.of(comparison.column());
    if (!comparison.operator().equals("=")) {
      throw MlflowException.invalid(
          "Invalid comparator: '%s', only '=' operator is supported"
              .formatted(comparison.operator()));
    }
    if (!(comparison.value() instanceof Comparison.Text(String wanted, String written))) {
      throw MlflowException.invalid(
          "Expected a quoted string value for %s value (e.g. 'my-value'). Got value %s"
              .formatted(compared.name(), comparison.value().written()));
    }
    return switch (compared.of()) {
      case "trace" -> trace(compared, wanted);
      case "span" -> {
        refuse(view, Measure.View.SPANS, "span");
        yield each -> each.dimension("span_" + compared.name()).equals(Optional.of(wanted));
      }
      default -> {
        refuse(view, Measure.View.ASSESSMENTS, "assessment");
        yield each ->
            compared.name().equals("type")
                ? each.part().has(wanted) && TYPES.contains(wanted)
                : each.dimension("assessment_name").equals(Optional.of(wanted));
      }
    };
  }

  private static Predicate<Measured> trace(Compared compared, String wanted) {
    return switch (compared.name()) {
      case "status" -> each -> each.trace().state().equals(wanted);
      case "tag" -> each -> each.trace().tag(compared.key()).equals(Optional.of(wanted));
      default ->
          each ->
              each.trace().metadata(compared.key()).equals(Optional.of(wanted))
                  || (compared.key().equals(Trace.SOURCE_RUN)
                      && each.trace().isLinked(Trace.RUNS, wanted));
    };
  }

  private static void refuse(Measure.View asked, Measure.View only, String what) {
    if (asked != only) {
      throw MlflowException.invalid(
          "Filtering by %s is only supported for %s view type, got %s"
              .formatted(what, only, asked));
    }
  }
}
