package dev.snapslice.core.bucket;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What enable did to a bucket, and what it found out about it.
 *
 * @param added what disable takes away again, noted before it is added
 * @param warnings sentences that the bucket's owner should read
 * @param versioningEnabledAt when we turned versioning on; empty where it was on. Stays on after
 *     disable
 * @param historyNote what the bucket's lifecycle rules leave of history; empty if they leave all
 */
public record Setup(
    List<Addition> added,
    List<String> warnings,
    Optional<Instant> versioningEnabledAt,
    Optional<String> historyNote) {
  static final Setup NONE = new Setup(List.of(), List.of(), Optional.empty(), Optional.empty());

  /** What enable may add to a bucket. */
  public enum Addition {
    /** A queue configuration among the bucket's notifications. */
    NOTIFICATION,
    /** The bucket's EventBridge switch. */
    EVENT_BRIDGE,
    /** A rule on the default event bus, with our queue as its target. */
    RULE
  }

  public Setup {
    added = List.copyOf(added);
    warnings = List.copyOf(warnings);
  }

  boolean has(Addition addition) {
    return added.contains(addition);
  }

  Setup plus(Addition addition) {
    return has(addition)
        ? this
        : new Setup(with(added, addition), warnings, versioningEnabledAt, historyNote);
  }

  Setup minus(Addition addition) {
    List<Addition> left = added.stream().filter(a -> a != addition).toList();
    return new Setup(left, warnings, versioningEnabledAt, historyNote);
  }

  /** With one more warning, unless it is there already. */
  Setup warned(String warning) {
    return warnings.contains(warning)
        ? this
        : new Setup(added, with(warnings, warning), versioningEnabledAt, historyNote);
  }

  Setup withoutWarnings() {
    return new Setup(added, List.of(), versioningEnabledAt, Optional.empty());
  }

  Setup versioningEnabledAt(Instant moment) {
    return new Setup(added, warnings, Optional.of(moment), historyNote);
  }

  Setup historyNote(String note) {
    return new Setup(added, warnings, versioningEnabledAt, Optional.of(note));
  }

  private static <T> List<T> with(List<T> list, T more) {
    List<T> longer = new ArrayList<>(list);
    longer.add(more);
    return longer;
  }
}
