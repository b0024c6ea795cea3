package dev.snapslice.mlflow.registry;

import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.protocol.Python;
import dev.snapslice.mlflow.search.Column;
import dev.snapslice.mlflow.search.Comparison;
import dev.snapslice.mlflow.search.Operators;
import dev.snapslice.mlflow.search.Order;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * The search language of the registry: attributes and tags.
 *
 * @param texts attributes; one that is not there matches nothing
 * @param listed which of them may be compared with a list
 * @param numbers attributes
 * @param orders by what is ordered; attributes with two names have the same order
 * @param orderEntities what may stand before the dot in an order
 * @see <a href="https://mlflow.org/docs/latest/ml/model-registry/">Model registry</a>
 */
record RegistrySearch<T>(
    Map<String, Function<T, Optional<String>>> texts,
    Set<String> listed,
    Map<String, ToLongFunction<T>> numbers,
    Function<T, Map<String, String>> tags,
    Map<String, Comparator<T>> orders,
    Set<String> orderEntities) {
  private static final Set<String> TAGS = Set.of("tag", "tags");
  private static final Set<String> FOR_NUMBERS = Set.of("=", "!=", "<", "<=", ">", ">=");
  private static final Set<String> FOR_TEXTS = Set.of("=", "!=", "LIKE", "ILIKE");
  private static final Set<String> FOR_LISTS = Set.of("IN", "NOT IN");

  /** Whether a filter asks for prompts; the first word on them counts. */
  static boolean asksForPrompts(List<Comparison> filter) {
    return filter.stream()
        .filter(RegistrySearch::isOnPrompts)
        .findFirst()
        .filter(comparison ->
            comparison.value() instanceof Comparison.Text(String text, String written)
                && text.equalsIgnoreCase(comparison.operator().equals("=") ? "true" : "false")
                && Set.of("=", "!=").contains(comparison.operator()))
        .isPresent();
  }

  /** Whether something with these tags is one, as searches see it. */
  static boolean isPrompt(Map<String, String> tags) {
    return "true".equals(tags.get(RegisteredModel.IS_PROMPT));
  }

  private static boolean isOnPrompts(Comparison comparison) {
    return isTag(comparison.column())
        && comparison.column().key().equals(RegisteredModel.IS_PROMPT);
  }

  private static boolean isTag(Column column) {
    return column.entity().filter(TAGS::contains).isPresent();
  }

  /**
   * What a filter wants, but for prompts, where it does not ask for them: to tell those apart takes
   * more than one entry.
   *
   * @throws MlflowException if it compares what cannot be compared
   */
  Predicate<T> filter(List<Comparison> filter) {
    boolean prompts = asksForPrompts(filter);
    Predicate<T> all = entry -> true;
    for (Comparison comparison : filter) {
      Predicate<T> one = predicate(comparison);
      all = prompts || !isOnPrompts(comparison) ? all.and(one) : all;
    }
    return all;
  }

  private Predicate<T> predicate(Comparison comparison) {
    Column column = comparison.column();
    if (isTag(column)) {
      String key = column.key();
      Comparison.Text text = text(comparison);
      check(FOR_TEXTS, comparison);
      Predicate<String> matches = Operators.matching(comparison.operator(), text);
      return entry ->
          tags.apply(entry).containsKey(key) && matches.test(tags.apply(entry).get(key));
    }
    checkEntity(column, Set.of("attribute"));
    String key = column.written();
    if (numbers.containsKey(key)) {
      ToLongFunction<T> number = numbers.get(key);
      check(FOR_NUMBERS, comparison);
      double wanted = number(comparison);
      return entry ->
          Operators.holds(comparison.operator(), (double) number.applyAsLong(entry), wanted);
    }
    if (!texts.containsKey(key)) {
      throw MlflowException.invalid("Invalid attribute key '%s' specified.".formatted(key));
    }
    Function<T, Optional<String>> attribute = texts.get(key);
    if (comparison.value() instanceof Comparison.Texts && listed.contains(key)) {
      check(FOR_LISTS, comparison);
    } else {
      text(comparison);
      check(FOR_TEXTS, comparison);
    }
    Predicate<String> matches = Operators.matching(comparison.operator(), comparison.value());
    return entry -> attribute.apply(entry).filter(matches).isPresent();
  }

  private static void checkEntity(Column column, Set<String> known) {
    column
        .entity()
        .filter(entity -> !known.contains(entity))
        .ifPresent(entity -> {
          throw MlflowException.invalid("Invalid entity type '%s'.".formatted(entity));
        });
  }

  private static void check(Set<String> known, Comparison comparison) {
    if (!known.contains(comparison.operator().toUpperCase(Locale.ROOT))) {
      throw MlflowException.invalid("Invalid comparator: " + comparison.operator());
    }
  }

  private static Comparison.Text text(Comparison comparison) {
    if (comparison.value() instanceof Comparison.Text text) {
      return text;
    }
    throw MlflowException.invalid(
        "Expected a quoted string value. Got value " + comparison.value().written());
  }

  /** A number, in quotes or not. */
  private static double number(Comparison comparison) {
    String written =
        comparison.value() instanceof Comparison.Numeral(String numeral)
            ? numeral
            : text(comparison).text();
    if (!Python.isInteger(written)) {
      throw MlflowException.invalid(
          "Invalid value for numeric attribute '%s': %s"
              .formatted(comparison.column().key(), written));
    }
    return Double.parseDouble(written.replace("_", ""));
  }

  /**
   * An order.
   *
   * @param last by what those are ordered that are alike
   * @throws MlflowException if there is no such order, or it names something twice
   */
  Comparator<T> order(List<String> asked, List<String> last) {
    Comparator<T> order = (_, _) -> 0;
    Set<Comparator<T>> seen = new HashSet<>();
    for (String text : asked) {
      Order each = Order.parse(text);
      Comparator<T> by = by(each.column());
      if (!seen.add(by)) {
        throw new MlflowException(
            Code.INTERNAL_ERROR, "`order_by` contains duplicate fields: " + Python.list(asked));
      }
      order = order.thenComparing(each.ascending() ? by : by.reversed());
    }
    return last.isEmpty() ? order : order.thenComparing(order(last, List.of()));
  }

  private Comparator<T> by(Column column) {
    if (orderEntities.isEmpty() && column.entity().isPresent()) {
      throw MlflowException.invalid(
          "Invalid order by key '%s.%s' specified.".formatted(column.entity().get(), column.key()));
    }
    checkEntity(column, orderEntities);
    // Where no entity may stand before it, it may stand in no quotes.
    String key = orderEntities.isEmpty() ? column.written() : column.key();
    Comparator<T> by = orders.get(key);
    if (by == null) {
      String what = orderEntities.isEmpty() || isTag(column) ? "order by" : "attribute";
      throw MlflowException.invalid("Invalid %s key '%s' specified.".formatted(what, key));
    }
    return by;
  }
}
