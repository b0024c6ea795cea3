package dev.snapslice.mlflow.traces;

import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.search.Comparison;
import dev.snapslice.mlflow.search.Operators;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** Comparisons of texts and numbers, as filters of traces, spans and assessments have them. */
final class Conditions {
  static final Set<String> FOR_TEXTS = Set.of("=", "!=", "LIKE", "ILIKE", "RLIKE");
  static final Set<String> FOR_LISTS = Set.of("=", "!=", "LIKE", "ILIKE", "RLIKE", "IN", "NOT IN");

  private Conditions() {}

  /** On a text that may be missing, and then fulfils none. */
  static <T> Predicate<T> text(
      Comparison comparison, Function<T, Optional<String>> of, Set<String> operators) {
    String operator = comparison.operator(operators);
    if (!operator.endsWith("IN")) {
      quoted(comparison);
    } else if (!(comparison.value() instanceof Comparison.Texts)) {
      throw noText(comparison);
    }
    Predicate<String> matches = Operators.matching(operator, comparison.value());
    return each -> of.apply(each).filter(matches).isPresent();
  }

  /** The same, and it may be asked whether it is missing. */
  static <T> Predicate<T> orNothing(Comparison comparison, Function<T, Optional<String>> of) {
    if (comparison.value() instanceof Comparison.Nothing) {
      boolean wanted = comparison.operator().equals("IS NOT NULL");
      return each -> of.apply(each).isPresent() == wanted;
    }
    return text(comparison, of, FOR_TEXTS);
  }

  /** The value, if it is a text. */
  static String quoted(Comparison comparison) {
    if (comparison.value() instanceof Comparison.Text(String text, String written)) {
      return text;
    }
    throw noText(comparison);
  }

  private static MlflowException noText(Comparison comparison) {
    return MlflowException.invalid(
        "Expected a quoted string value for %s (e.g. 'my-value'). Got value %s"
            .formatted(comparison.column().key(), comparison.value().written()));
  }

  /** The value, if it is a number. */
  static double number(Comparison comparison) {
    if (comparison.value() instanceof Comparison.Numeral(String written)) {
      return Double.parseDouble(written);
    }
    throw MlflowException.invalid(
        "Expected a numeric value for %s. Got value %s"
            .formatted(comparison.column().key(), comparison.value().written()));
  }
}
