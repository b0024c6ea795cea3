package dev.snapslice.core.index;

import dev.snapslice.core.version.VersionEvent.Source;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What follows from a set of facts about one key. Pure, and a function of the set alone: order and
 * repetition of the facts cannot matter.
 */
final class KeyFacts {
  private KeyFacts() {}

  /**
   * The versions that the facts speak of, oldest first, each with the time of its best source and
   * with its removal. A new null version destroys the one before it, so that one counts as removed
   * then.
   */
  static List<Row> resolve(Collection<Row> facts) {
    Map<String, Row> byId = new HashMap<>();
    Map<String, Long> removals = new HashMap<>();
    List<Row> nulls = new ArrayList<>();
    List<Row> nullRemovals = new ArrayList<>();
    for (Row fact : facts) {
      if (fact.isRemoval()) {
        if (fact.isNull()) {
          nullRemovals.add(fact);
        } else {
          removals.merge(fact.versionId(), fact.time(), Math::min);
        }
      } else if (fact.isNull()) {
        nulls.add(fact);
      } else {
        byId.merge(fact.versionId(), fact, KeyFacts::better);
      }
    }
    removals.forEach((id, time) -> byId.computeIfPresent(id, (same, row) -> row.removedAt(time)));
    List<Row> versions = new ArrayList<>(byId.values());
    if (!nulls.isEmpty()) {
      versions.addAll(resolveNulls(nulls, nullRemovals));
    }
    versions.sort(Row.ORDER);
    return versions;
  }

  private static Row better(Row a, Row b) {
    int bySource = a.source().compareTo(b.source());
    Row best = bySource != 0 ? (bySource < 0 ? a : b) : (Row.ORDER.compare(a, b) <= 0 ? a : b);
    return best.removedAt(Math.min(a.removed(), b.removed()));
  }

  private static List<Row> resolveNulls(List<Row> facts, List<Row> removals) {
    facts.sort(Comparator.comparing(Row::source).thenComparing(Row.ORDER));
    List<Row> versions = new ArrayList<>();
    for (Row fact : facts) {
      int same = 0;
      while (same < versions.size() && !sameNull(versions.get(same), fact)) {
        same++;
      }
      if (same < versions.size()) {
        versions.set(same, better(versions.get(same), fact));
      } else {
        versions.add(fact);
      }
    }
    versions.sort(Row.ORDER);
    for (int i = 0; i + 1 < versions.size(); i++) {
      versions.set(i, versions.get(i).removedAt(versions.get(i + 1).time()));
    }
    for (Row removal : removals) {
      for (int i = versions.size() - 1; i >= 0; i--) {
        Row version = versions.get(i);
        if (Row.ORDER.compare(version, removal) <= 0) {
          versions.set(i, version.removedAt(removal.time()));
          break;
        }
      }
    }
    return versions;
  }

  /**
   * Null versions share one id, so they are told apart by sequencer, or by time and ETag where a
   * source has none. A list knows whole seconds, and of a multipart upload when it began.
   */
  private static boolean sameNull(Row known, Row fact) {
    if (known.kind() != fact.kind()) {
      return false;
    }
    if (!known.sequencer().isEmpty() && !fact.sequencer().isEmpty()) {
      return known.sequencer().equals(fact.sequencer());
    }
    if (!known.etag().equals(fact.etag())) {
      return false;
    }
    if (fact.source() != Source.LIST) {
      return known.time() == fact.time();
    }
    return known.time() / 1000 == fact.time() / 1000
        || (known.etag().contains("-") && known.time() >= fact.time());
  }

  /** The newest version alive at a moment, delete markers included. */
  static Optional<Row> newest(List<Row> versions, long moment) {
    for (int i = versions.size() - 1; i >= 0; i--) {
      if (versions.get(i).aliveAt(moment)) {
        return Optional.of(versions.get(i));
      }
    }
    return Optional.empty();
  }

  /**
   * The versions older than {@code start} that are current at some moment in [start, end): what a
   * segment's base has to hold. Delete markers only where they hide one of the others for a while.
   */
  static List<Row> base(List<Row> versions, long start, long end) {
    Set<Row> current = new LinkedHashSet<>();
    newest(versions, start).ifPresent(current::add);
    for (Row version : versions) {
      if (version.removed() > start && version.removed() < end) {
        newest(versions, version.removed()).ifPresent(current::add);
      }
    }
    current.removeIf(version -> version.time() >= start);
    if (current.stream().allMatch(Row::isMarker)) {
      return List.of();
    }
    return current.stream().sorted(Row.ORDER).toList();
  }
}
