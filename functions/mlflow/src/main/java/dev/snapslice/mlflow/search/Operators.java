package dev.snapslice.mlflow.search;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

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
            case "LIKE" -> like(left, text);
            case "RLIKE" -> finds(left, text);
            case "ILIKE" -> like(left.toLowerCase(Locale.ROOT), text.toLowerCase(Locale.ROOT));
            default -> throw new IllegalArgumentException(operator);
          };
      case Comparison.Texts(List<String> texts, String written) ->
          texts.contains(left) == operator.equals("IN");
      default -> throw new IllegalArgumentException(operator);
    };
  }

  /** What is no pattern matches nothing. */
  private static boolean finds(String text, String pattern) {
    try {
      return Pattern.compile(pattern).matcher(text).find();
    } catch (PatternSyntaxException e) {
      return false;
    }
  }

  /**
   * Percent signs stand for any text, underscores for one character. What follows a percent sign is
   * tried at each place once, so no pattern takes longer than its length times the text's.
   */
  private static boolean like(String text, String pattern) {
    int[] characters = text.codePoints().toArray();
    int[] wanted = pattern.codePoints().toArray();
    int at = 0;
    int next = 0;
    int afterPercent = -1;
    int tried = 0;
    while (at < characters.length) {
      if (next < wanted.length && wanted[next] == '%') {
        next++;
        afterPercent = next;
        tried = at;
      } else if (next < wanted.length && (wanted[next] == '_' || wanted[next] == characters[at])) {
        next++;
        at++;
      } else if (afterPercent >= 0) {
        next = afterPercent;
        tried++;
        at = tried;
      } else {
        return false;
      }
    }
    while (next < wanted.length && wanted[next] == '%') {
      next++;
    }
    return next == wanted.length;
  }
}
