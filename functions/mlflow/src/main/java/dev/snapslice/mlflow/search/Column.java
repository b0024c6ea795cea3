package dev.snapslice.mlflow.search;

import java.util.Optional;

/**
 * What a comparison or an order looks at.
 *
 * @param entity before the first dot; empty where there is none
 * @param key the rest, without its quotes
 */
public record Column(Optional<String> entity, String key) {
  /** How one is written: possessive, so that Java reads many parts without recursion. */
  static final String WRITTEN =
      "(?:[\\p{L}_][\\w$]*|\"[^\"]*\"|`[^`]*`)(?:\\.(?:[\\p{L}\\d_][\\w$]*|\"[^\"]*\"|`[^`]*`))*+";

  static Column parse(String written) {
    int dot = written.indexOf('.');
    return dot < 0
        ? new Column(Optional.empty(), unquoted(written))
        : new Column(Optional.of(written.substring(0, dot)), unquoted(written.substring(dot + 1)));
  }

  private static String unquoted(String key) {
    boolean quoted =
        key.length() >= 2
            && key.charAt(0) == key.charAt(key.length() - 1)
            && "\"`'".indexOf(key.charAt(0)) >= 0;
    return quoted ? key.substring(1, key.length() - 1) : key;
  }
}
