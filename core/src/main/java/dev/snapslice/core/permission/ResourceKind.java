package dev.snapslice.core.permission;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What has permissions of its own; all else has those of the one that it belongs to. */
public enum ResourceKind {
  EXPERIMENT,
  REGISTERED_MODEL,
  PROMPT;

  /** As MLflow names it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads MLflow's name of one; empty if nothing of that name is here. */
  public static Optional<ResourceKind> parse(String word) {
    return Arrays.stream(values()).filter(kind -> kind.word().equals(word)).findFirst();
  }
}
