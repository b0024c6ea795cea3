package dev.snapslice.mlflow.registry;

import java.util.Optional;

/**
 * What a {@code models:/…} URI names: a logged model by its id, or a version of a registered model
 * by its number, its stage, an alias, or as the newest.
 *
 * @param name of a registered model; of a logged model its id
 */
record ModelUri(String name, Kind kind, String which) {

  enum Kind {
    LOGGED,
    VERSION,
    STAGE,
    NEWEST,
    ALIAS
  }

  /** Reads one; empty if it is none. */
  static Optional<ModelUri> parse(SourceUri uri) {
    if (!uri.path().startsWith("/")) {
      return Optional.empty();
    }
    String[] parts = uri.path().replaceFirst("^/+", "").split("/", -1);
    if (parts.length > 2 || parts[0].isBlank()) {
      return Optional.empty();
    }
    if (parts.length == 2) {
      return suffixed(parts[0], parts[1]);
    }
    int at = parts[0].lastIndexOf('@');
    if (at < 0) {
      return Optional.of(new ModelUri(parts[0], Kind.LOGGED, ""));
    }
    String alias = parts[0].substring(at + 1);
    return alias.isBlank()
        ? Optional.empty()
        : Optional.of(new ModelUri(parts[0].substring(0, at), Kind.ALIAS, alias));
  }

  private static Optional<ModelUri> suffixed(String name, String suffix) {
    if (suffix.isBlank()) {
      return Optional.empty();
    }
    if (suffix.chars().allMatch(Character::isDigit)) {
      return Optional.of(new ModelUri(name, Kind.VERSION, suffix));
    }
    return Optional.of(
        suffix.equalsIgnoreCase("latest")
            ? new ModelUri(name, Kind.NEWEST, "")
            : new ModelUri(name, Kind.STAGE, suffix));
  }
}
