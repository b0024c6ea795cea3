package dev.snapslice.mlflow.search;

import java.util.Optional;

/**
 * What a comparison or an order looks at.
 *
 * @param entity what is before the first dot, as it was written; empty where there is none
 * @param written the rest, as it was written
 */
public record Column(Optional<String> entity, String written) {
  private static final String LETTER = "A-Za-z\u00c0-\u00dc\u00e0-\u00fc";
  private static final String WORD = "[%s]\\w*|[\\w&&[^0-9%s]][\\w$#]*".formatted(LETTER, LETTER);

  /** After a dot no word is a key that SQL knows before it looks at dots, and no number. */
  private static final String KEY =
      "(?!(?i:case|in|values|using|from|as)\\b)(?:%s)|[0-9](?=[_%s])(?![eE]-?[0-9])\\w*|\\*"
          .formatted(WORD, LETTER);

  private static final String QUOTED = quoted('"') + "|`(?:``|[^`])*+`";

  /** A text in single quotes. */
  static final String TEXT = quoted('\'');

  /**
   * How a column is written: possessive, so that Java reads many parts without recursion. After the
   * last dot there may be nothing.
   */
  static final String WRITTEN =
      "(?:%s|%s)(?:\\.(?:%s|%s)?+)*+(?:(?<=\\.)(?:%s))?+"
          .formatted(WORD, QUOTED, KEY, QUOTED, TEXT);

  /**
   * What stands in quotes, with quotes in it doubled or after a backslash; both stay as they are.
   * Where no quote is left to close it, it ends with the last one that follows a backslash.
   */
  private static String quoted(char quote) {
    return "Q(?:QQ|\\\\Q|[^Q])*+Q|Q(?:(?:[^Q\\\\]|\\\\(?!Q))*+(?:QQ|\\\\Q))++(?<=\\\\Q)"
        .replace('Q', quote);
  }

  static Column parse(String written) {
    int dot = written.indexOf('.');
    return dot < 0
        ? new Column(Optional.empty(), written)
        : new Column(Optional.of(written.substring(0, dot)), written.substring(dot + 1));
  }

  /** The entity without its backticks. */
  public Optional<String> plainEntity() {
    return entity.map(name -> without("`", name));
  }

  /** What was written after the entity, without its quotes. */
  public String key() {
    return without("`", without("\"'", written));
  }

  private static String without(String quotes, String text) {
    boolean quoted =
        text.length() >= 2
            && text.charAt(0) == text.charAt(text.length() - 1)
            && quotes.indexOf(text.charAt(0)) >= 0;
    return quoted ? text.substring(1, text.length() - 1) : text;
  }
}
