package dev.snapslice.mlflow.search;

import dev.snapslice.mlflow.protocol.MlflowException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** What the operators of filters mean, as SQL has it. */
public final class Operators {
  /** Characters that a search looks at for a pattern: within a second. */
  private static final long MOST_READS = 50_000_000;

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

  /**
   * Which texts match another, or a pattern, or are one of some. For one search: it refuses to look
   * for a pattern that takes too much.
   */
  public static Predicate<String> matching(String operator, Comparison.Value value) {
    return switch (value) {
      case Comparison.Text(String text, String written) ->
          switch (operator.toUpperCase(Locale.ROOT)) {
            case "=" -> text::equals;
            case "!=" -> left -> !left.equals(text);
            case "LIKE" -> left -> like(left, text);
            case "RLIKE" -> finding(text);
            case "ILIKE" -> {
              String lower = text.toLowerCase(Locale.ROOT);
              yield left -> like(left.toLowerCase(Locale.ROOT), lower);
            }
            default -> throw new IllegalArgumentException(operator);
          };
      case Comparison.Texts(List<String> texts, String written) -> {
        boolean wanted = operator.equalsIgnoreCase("IN");
        yield left -> texts.contains(left) == wanted;
      }
      default -> throw new IllegalArgumentException(operator);
    };
  }

  /** What is no pattern matches nothing. */
  private static Predicate<String> finding(String expression) {
    try {
      Pattern pattern = Pattern.compile(expression);
      AtomicLong reads = new AtomicLong(MOST_READS);
      return text -> finds(pattern, new Read(text, reads));
    } catch (PatternSyntaxException _) {
      return text -> false;
    }
  }

  private static boolean finds(Pattern pattern, Read text) {
    try {
      return pattern.matcher(text).find();
    } catch (StackOverflowError _) {
      throw tooMuch();
    }
  }

  private static MlflowException tooMuch() {
    return MlflowException.invalid("RLIKE: it takes too much to look for that pattern");
  }

  /** A text that may not be read for ever: some patterns try it in 2ⁿ ways. */
  private record Read(CharSequence text, AtomicLong left) implements CharSequence {
    @Override
    public char charAt(int index) {
      if (left.decrementAndGet() < 0) {
        throw tooMuch();
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int from, int to) {
      return new Read(text.subSequence(from, to), left);
    }

    @Override
    public String toString() {
      return text.toString();
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
