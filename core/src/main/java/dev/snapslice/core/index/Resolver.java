package dev.snapslice.core.index;

import dev.snapslice.core.version.VersionEvent.Source;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds a key's newest version at a moment from the rows of that moment's segment and the facts
 * that are not yet folded.
 *
 * <p>A segment alone is exact. So is it together with facts that merely add younger versions, or
 * any versions where nothing was ever deleted, which is nearly always all there is. A removal may
 * expose a version that the segment does not hold; a late fact may be older than its base; a better
 * source may move a version. Then the segments before (and, for times that a list only estimated,
 * after) are asked until nothing that they could add matters.
 */
final class Resolver {
  private final Segments segments;

  Resolver(Segments segments) {
    this.segments = segments;
  }

  /**
   * The newest version at {@code moment}, delete markers included.
   *
   * @param open the open tablet that holds the key
   * @param segment of the moment
   * @param stored the key's rows in that segment
   * @param tail the key's facts that may not be folded yet
   */
  Optional<Row> newest(
      Tablet open, Segment segment, List<Row> stored, List<Row> tail, long moment) {
    List<Row> facts = new ArrayList<>(stored);
    facts.addAll(tail);
    List<Row> fresh = tail.stream().filter(fact -> !stored.contains(fact)).toList();
    if (!fresh.stream().allMatch(fact -> onlyAdds(fact, open, segment, stored, moment))) {
      return search(open, segment, facts, fresh, moment);
    }
    Optional<Row> newest = KeyFacts.newest(KeyFacts.resolve(facts), moment);
    if (newest.isEmpty() && tail.stream().anyMatch(fact -> mayHaveExposed(fact, stored))) {
      // Folded a moment ago: the base was written before the delta, and may have been read before.
      byte[] position = SortKeys.utf8(facts.getFirst().key());
      facts.addAll(segment.base().rows(position, SortKeys.after(position), true));
      return KeyFacts.newest(KeyFacts.resolve(facts), moment);
    }
    return newest;
  }

  private static boolean mayHaveExposed(Row fact, List<Row> stored) {
    return fact.isRemoval()
        || stored.stream().anyMatch(row -> describesSame(row, fact) && row.time() < fact.time());
  }

  private static boolean onlyAdds(
      Row fact, Tablet open, Segment segment, List<Row> stored, long moment) {
    if (fact.isRemoval()) {
      return fact.time() > moment;
    }
    return fact.source() == Source.EVENT
        && (fact.time() >= segment.start() || !open.deletions())
        && stored.stream().noneMatch(row -> describesSame(row, fact));
  }

  /** Whether two facts may speak of one version, so that one may move the other. */
  private static boolean describesSame(Row row, Row fact) {
    return row.versionId().equals(fact.versionId())
        && !row.isRemoval()
        && (!row.isNull() || row.source() != Source.EVENT);
  }

  private Optional<Row> search(
      Tablet open, Segment segment, List<Row> facts, List<Row> fresh, long moment) {
    Set<String> named = new HashSet<>();
    long earliest = moment;
    boolean estimated = false;
    boolean onlyCreates = true;
    for (Row fact : fresh) {
      named.add(fact.versionId());
      estimated |= fact.source() != Source.EVENT;
      onlyCreates &= !fact.isRemoval();
      if (!fact.isRemoval()) {
        earliest = Math.min(earliest, fact.time());
      }
    }
    for (Row row : List.copyOf(facts)) {
      onlyCreates &= fresh.contains(row) || !named.contains(row.versionId());
    }
    String key = facts.getFirst().key();
    if (estimated) {
      // Of these versions alone: later bases hold others without what hid them at the moment.
      for (Segment later : segments.since(open, moment)) {
        later.rowsOf(key).stream()
            .filter(row -> named.contains(row.versionId()))
            .forEach(facts::add);
      }
    }
    for (Segment oldest = segment; ; ) {
      Optional<Row> newest = KeyFacts.newest(KeyFacts.resolve(facts), moment);
      long start = oldest.start();
      if (onlyCreates
          && !estimated
          && newest.isPresent()
          && !named.contains(newest.get().versionId())) {
        return newest;
      }
      boolean known =
          newest
              .map(row -> row.time() >= start || !named.contains(row.versionId()))
              .orElse(onlyCreates);
      Optional<Segment> before =
          known && earliest >= start ? Optional.empty() : segments.before(oldest);
      if (before.isEmpty()) {
        return newest;
      }
      oldest = before.get();
      facts.addAll(oldest.rowsOf(key));
    }
  }
}
