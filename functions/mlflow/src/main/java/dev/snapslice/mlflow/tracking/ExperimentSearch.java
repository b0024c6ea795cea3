package dev.snapslice.mlflow.tracking;

import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.search.Column;
import dev.snapslice.mlflow.search.Comparison;
import dev.snapslice.mlflow.search.Filter;
import dev.snapslice.mlflow.search.Operators;
import dev.snapslice.mlflow.search.Order;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The search language of experiments: attributes and tags.
 *
 * @see <a href="https://mlflow.org/docs/latest/ml/search/search-experiments/">Search
 *     experiments</a>
 */
final class ExperimentSearch {
  private static final List<String> KEYS =
      List.of("name", "experiment_id", "creation_time", "last_update_time");
  private static final Set<String> FOR_TIMES = Set.of("=", "!=", "<", "<=", ">", ">=");
  private static final Set<String> FOR_TEXTS = Set.of("=", "!=", "LIKE", "ILIKE");
  private static final Set<String> FOR_IDS = Set.of("=", "!=", "IN", "NOT IN");

  private ExperimentSearch() {}

  static Predicate<Experiment> filter(String filter) {
    return Filter.parse(filter).stream()
        .map(ExperimentSearch::predicate)
        .reduce(experiment -> true, Predicate::and);
  }

  private static Predicate<Experiment> predicate(Comparison comparison) {
    String key = comparison.column().key();
    if (isTag(comparison.column())) {
      return tagged(key, comparison);
    }
    if (comparison.value() instanceof Comparison.Nothing) {
      throw MlflowException.invalid(
          "IS NULL / IS NOT NULL is only supported for tags, not for attribute '%s'"
              .formatted(key));
    }
    return switch (key) {
      case "name" -> {
        check("string attribute", FOR_TEXTS, comparison);
        Predicate<String> matches = Operators.matching(comparison.operator(), text(comparison));
        yield experiment -> matches.test(experiment.name());
      }
      case "experiment_id" -> {
        check("experiment_id", FOR_IDS, comparison);
        Predicate<String> matches = Operators.matching(comparison.operator(), ids(comparison));
        yield experiment -> matches.test(experiment.id());
      }
      default -> {
        long moment = moment(key, comparison);
        yield experiment ->
            Operators.holds(
                comparison.operator(),
                (double)
                    (key.equals("creation_time") ? experiment.created() : experiment.updated()),
                (double) moment);
      }
    };
  }

  private static boolean isTag(Column column) {
    Optional<String> entity = column.entity();
    boolean tag = entity.filter(e -> e.equals("tag") || e.equals("tags")).isPresent();
    if (!tag && entity.filter(e -> !e.equals("attribute")).isPresent()) {
      throw MlflowException.invalid(
          "Invalid entity type '%s'. Valid entity types are ('attribute', 'tag', 'tags')"
              .formatted(entity.get()));
    }
    if (!tag && !KEYS.contains(column.key())) {
      throw MlflowException.invalid(
          "Invalid attribute key '%s' specified. Valid keys are '%s'"
              .formatted(column.key(), KEYS));
    }
    return tag;
  }

  private static Predicate<Experiment> tagged(String key, Comparison comparison) {
    return switch (comparison.operator()) {
      case "IS NULL" -> experiment -> !experiment.tags().containsKey(key);
      case "IS NOT NULL" -> experiment -> experiment.tags().containsKey(key);
      default -> {
        Comparison.Text text = text(comparison);
        check("tag", FOR_TEXTS, comparison);
        Predicate<String> matches = Operators.matching(comparison.operator(), text);
        yield experiment ->
            experiment.tags().containsKey(key) && matches.test(experiment.tags().get(key));
      }
    };
  }

  private static void check(String what, Set<String> known, Comparison comparison) {
    if (!known.contains(comparison.operator())) {
      throw MlflowException.invalid(
          "Invalid comparator for %s: %s".formatted(what, comparison.operator()));
    }
  }

  private static Comparison.Text text(Comparison comparison) {
    if (comparison.value() instanceof Comparison.Text text) {
      return text;
    }
    throw MlflowException.invalid(
        "Expected a quoted string value for attributes. Got value " + comparison.value().written());
  }

  /** The ids that are asked for, as they are written in experiments. */
  private static Comparison.Value ids(Comparison comparison) {
    return comparison.value() instanceof Comparison.Texts(List<String> ids, String written)
        ? new Comparison.Texts(ids.stream().map(ExperimentSearch::id).toList(), written)
        : new Comparison.Text(id(text(comparison).text()), comparison.value().written());
  }

  private static String id(String written) {
    return "" + Checks.experimentId(written);
  }

  private static long moment(String key, Comparison comparison) {
    if (!(comparison.value() instanceof Comparison.Numeral number)) {
      throw MlflowException.invalid(
          "Expected numeric value type for numeric attribute: %s. Found %s"
              .formatted(key, comparison.value().written()));
    }
    check("numeric attribute", FOR_TIMES, comparison);
    try {
      return Long.parseLong(number.written());
    } catch (NumberFormatException e) {
      throw MlflowException.invalid(
          "Invalid value for numeric attribute '%s': '%s'".formatted(key, number.written()));
    }
  }

  static Comparator<Experiment> order(List<String> orders) {
    List<Order> all =
        (orders.isEmpty() ? List.of("creation_time DESC", "experiment_id ASC") : orders)
            .stream().map(Order::parse).toList();
    Comparator<Experiment> order = (_, _) -> 0;
    for (Order each : all) {
      if (isTag(each.column())) {
        throw MlflowException.invalid("Invalid order_by entity: tag");
      }
      Comparator<Experiment> by = by(each.column().key());
      order = order.thenComparing(each.ascending() ? by : by.reversed());
    }
    return order.thenComparing(by("experiment_id").reversed());
  }

  private static Comparator<Experiment> by(String key) {
    return switch (key) {
      case "name" -> Comparator.comparing(Experiment::name);
      case "experiment_id" -> Comparator.comparingLong(e -> Long.parseLong(e.id()));
      case "creation_time" -> Comparator.comparingLong(Experiment::created);
      default -> Comparator.comparingLong(Experiment::updated);
    };
  }
}
