package dev.snapslice.mlflow.tracking;

import java.util.Locale;

/** Whether something was deleted; until it is cleaned up it can be restored. */
public enum Stage {
  ACTIVE,
  DELETED;

  /** As MLflow writes it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Stage of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }

  /** Whether a search of a {@code ViewType} shows it. */
  public boolean shownBy(String viewType) {
    return switch (viewType) {
      case "ACTIVE_ONLY" -> this == ACTIVE;
      case "DELETED_ONLY" -> this == DELETED;
      default -> true;
    };
  }
}
