package dev.snapslice.mlflow.search;

import dev.snapslice.mlflow.protocol.MlflowException;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One element of an order: a column, and which way. */
public record Order(Column column, boolean ascending) {
  private static final Pattern FORM =
      Pattern.compile("(" + Column.WRITTEN + ")(?:\\s+(\\w+))?", Pattern.UNICODE_CHARACTER_CLASS);

  private static final Pattern QUOTED =
      Pattern.compile("\"((?:\\\\.|[^\"\\\\])*+)\"|'([^']*+)'", Pattern.DOTALL);
  private static final Pattern ESCAPED = Pattern.compile("\\\\([\"\\\\])");

  /**
   * Reads {@code column [ASC | DESC]}.
   *
   * @throws MlflowException if it is none
   */
  public static Order parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw MlflowException.invalid(
          "Invalid order_by clause '%s'. Could not be parsed.".formatted(text));
    }
    String way = form.group(2);
    if (way == null) {
      return new Order(Column.parse(form.group(1)), true);
    }
    if (!way.equalsIgnoreCase("asc") && !way.equalsIgnoreCase("desc")) {
      throw MlflowException.invalid(
          "Invalid ordering key in order_by clause '%s'.".formatted(text));
    }
    return new Order(Column.parse(unquoted(form.group(1))), way.equalsIgnoreCase("asc"));
  }

  /** With a way after it, a column is read as a shell would: its quotes may be anywhere. */
  private static String unquoted(String column) {
    return QUOTED
        .matcher(column.replace('`', '"'))
        .replaceAll(quoted ->
            Matcher.quoteReplacement(
                quoted.group(1) == null
                    ? quoted.group(2)
                    : ESCAPED.matcher(quoted.group(1)).replaceAll("$1")));
  }

  /** By something that not all have: those that have it not come last, whichever way. */
  public static <S, T extends Comparable<T>> Comparator<S> last(
      Function<S, Optional<T>> of, boolean ascending) {
    Comparator<T> values = Comparator.naturalOrder();
    return Comparator.comparing(
        each -> of.apply(each).orElse(null),
        Comparator.nullsLast(ascending ? values : values.reversed()));
  }
}
