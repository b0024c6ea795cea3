package dev.snapslice.mlflow.search;

import dev.snapslice.mlflow.protocol.MlflowException;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * One comparison of a filter, as it was written.
 *
 * @param column what is compared
 * @param operator one of {@code =, !=, <, <=, >, >=}, or words, as they were written, with a single
 *     space between them
 */
public record Comparison(Column column, String operator, Value value) {

  /**
   * The operator in capitals.
   *
   * @throws MlflowException if it is none of some
   */
  public String operator(Set<String> known) {
    String capital = operator.toUpperCase(Locale.ROOT);
    if (!known.contains(capital)) {
      throw MlflowException.invalid(
          "Invalid comparator '%s' not one of '%s'".formatted(capital, known));
    }
    return capital;
  }

  /** What a column is compared with. */
  public sealed interface Value {
    /** How the value was written, for messages. */
    String written();
  }

  /** In quotes. */
  public record Text(String text, String written) implements Value {}

  /** Without quotes. */
  public record Numeral(String written) implements Value {}

  /** A list in parentheses. */
  public record Texts(List<String> texts, String written) implements Value {}

  /** Of {@code IS NULL} and {@code IS NOT NULL}, which compare with nothing. */
  public record Nothing() implements Value {
    @Override
    public String written() {
      return "";
    }
  }

  /** Another word. */
  public record Word(String written) implements Value {}
}
