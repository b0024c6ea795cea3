package dev.snapslice.mlflow.search;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** What the operators of filters mean, as SQL has it. */
public final class Operators {
  private Operators() {}

  /** Whether a number stands in a relation to another. */
  public static boolean holds(String operator, double left, double right) {
    return switch (operator) {
      case "=" -> left == right;
      case "!=" -> left != right;
      case "<" -> left < right;
      case "<=" -> left <= right;
      case ">" -> left > right;
      case ">=" -> left >= right;
      default -> throw new IllegalArgumentException(operator);
    };
  }

  /** Whether a text matches another, or a pattern, or is one of some. */
  public static boolean holds(String operator, String left, Comparison.Value right) {
    return switch (right) {
      case Comparison.Text(String text, String written) ->
          switch (operator.toUpperCase(Locale.ROOT)) {
            case "=" -> left.equals(text);
            case "!=" -> !left.equals(text);
            case "LIKE" -> like(left, text, 0);
            case "ILIKE" -> like(left, text, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
            default -> throw new IllegalArgumentException(operator);
          };
      case Comparison.Texts(List<String> texts, String written) ->
          texts.contains(left) == operator.equals("IN");
      default -> throw new IllegalArgumentException(operator);
    };
  }

  /** Percent signs stand for any text, underscores for one character. */
  private static boolean like(String text, String pattern, int flags) {
    StringBuilder expression = new StringBuilder();
    pattern
        .codePoints()
        .forEach(c ->
            expression.append(
                switch (c) {
                  case '%' -> ".*";
                  case '_' -> ".";
                  default -> Pattern.quote(Character.toString(c));
                }));
    return Pattern.compile(expression.toString(), Pattern.DOTALL | flags).matcher(text).matches();
  }
}
