package dev.snapslice.mlflow.search;

import java.util.List;

/**
 * One comparison of a filter, as it was written.
 *
 * @param column what is compared
 * @param operator one of {@code =, !=, <, <=, >, >=}, or words, as they were written, with a single
 *     space between them
 */
public record Comparison(Column column, String operator, Value value) {

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
