package dev.snapslice.mlflow.datasets;

import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingLong;
import static java.util.Comparator.reverseOrder;

import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Python;
import dev.snapslice.mlflow.search.Comparison;
import dev.snapslice.mlflow.search.Filter;
import dev.snapslice.mlflow.search.Operators;
import dev.snapslice.mlflow.search.Order;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/** The search language of evaluation datasets: attributes and tags. */
final class DatasetSearch {
  private static final Set<String> FOR_NUMBERS = Set.of("=", "!=", "<", "<=", ">", ">=");
  private static final Set<String> FOR_TEXTS = Set.of("=", "!=", "LIKE", "ILIKE");
  private static final Map<String, ToLongFunction<EvaluationDataset>> NUMBERS =
      Map.of(
          "created_time",
          EvaluationDataset::created,
          "last_update_time",
          dataset -> dataset.state().updated());
  private static final Map<String, Function<EvaluationDataset, Optional<String>>> TEXTS =
      Map.of(
          "name", dataset -> Optional.of(dataset.name()),
          "created_by", EvaluationDataset::creator,
          "last_updated_by", dataset -> dataset.state().updater());

  private DatasetSearch() {}

  /** Which datasets a filter wants. */
  static Predicate<EvaluationDataset> filter(String filter) {
    return Filter.parse(filter).stream()
        .map(DatasetSearch::predicate)
        .reduce(dataset -> true, Predicate::and);
  }

  private static Predicate<EvaluationDataset> predicate(Comparison comparison) {
    String key = comparison.column().written();
    Optional<String> entity = comparison.column().entity();
    if (entity.isPresent()) {
      if (!entity.get().equals("tags")) {
        throw MlflowException.invalid(
            "Invalid identifier token '%s' specified".formatted(entity.get()));
      }
      return text(comparison, dataset -> Optional.ofNullable(dataset.tags().get(key)));
    }
    if (NUMBERS.containsKey(key)) {
      String operator = operator(comparison, FOR_NUMBERS);
      double wanted = number(comparison);
      return dataset ->
          Operators.holds(operator, (double) NUMBERS.get(key).applyAsLong(dataset), wanted);
    }
    if (!TEXTS.containsKey(key)) {
      throw MlflowException.invalid("Invalid attribute key '%s' specified.".formatted(key));
    }
    if (key.equals("name") && comparison.value() instanceof Comparison.Texts names) {
      String operator = operator(comparison, Set.of("IN"));
      Predicate<String> matches = Operators.matching(operator, names);
      return dataset -> matches.test(dataset.name());
    }
    return text(comparison, TEXTS.get(key));
  }

  private static Predicate<EvaluationDataset> text(
      Comparison comparison, Function<EvaluationDataset, Optional<String>> of) {
    String operator = operator(comparison, FOR_TEXTS);
    if (!(comparison.value() instanceof Comparison.Text text)) {
      throw MlflowException.invalid(
          "Expected a quoted string value. Got value " + comparison.value().written());
    }
    Predicate<String> matches = Operators.matching(operator, text);
    return dataset -> of.apply(dataset).filter(matches).isPresent();
  }

  /** A whole number, without quotes. */
  private static double number(Comparison comparison) {
    String written = comparison.value().written();
    if (!(comparison.value() instanceof Comparison.Numeral) || !Python.isInteger(written)) {
      throw MlflowException.invalid(
          "Invalid value for numeric attribute '%s': %s"
              .formatted(comparison.column().key(), written));
    }
    return Double.parseDouble(written.replace("_", ""));
  }

  private static String operator(Comparison comparison, Set<String> known) {
    if (!known.contains(comparison.operator())) {
      throw MlflowException.invalid("Invalid comparator: " + comparison.operator());
    }
    return comparison.operator();
  }

  /** How datasets are ordered: the newest first, unless something else is asked for. */
  static Comparator<EvaluationDataset> order(List<String> asked) {
    Comparator<EvaluationDataset> order = (_, _) -> 0;
    for (String text : asked.isEmpty() ? List.of("created_time DESC") : asked) {
      Order each = Order.parse(text);
      Comparator<EvaluationDataset> by = by(each);
      order = order.thenComparing(each.ascending() ? by : by.reversed());
    }
    return order.thenComparing(EvaluationDataset::id, reverseOrder());
  }

  private static Comparator<EvaluationDataset> by(Order order) {
    String key = order.column().written();
    order
        .column()
        .entity()
        .ifPresent(entity -> {
          throw MlflowException.invalid(
              entity.matches("tags?")
                  ? "Invalid order_by entity: tag"
                  : "Invalid identifier token '%s' specified".formatted(entity));
        });
    if (NUMBERS.containsKey(key)) {
      return comparingLong(NUMBERS.get(key));
    }
    if (!key.equals("name")) {
      throw MlflowException.invalid("Invalid attribute key '%s' specified.".formatted(key));
    }
    return comparing(EvaluationDataset::name);
  }
}
