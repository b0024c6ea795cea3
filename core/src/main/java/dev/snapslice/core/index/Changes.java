package dev.snapslice.core.index;

import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.VersionEvent.Source;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What changed in a bucket in a window (from, to]. A key's current version can only change where
 * something happened to the key, so the journals and the tail name all keys that matter; each is
 * then looked at in the two snapshots, where the events of the window do not already tell.
 */
final class Changes {
  /** Reading a whole range is cheaper than looking up this share of its pages one by one. */
  private static final int DENSE = 4;

  private static final int KEYS_A_PAGE = 60;

  private final Parts parts;
  private final String bucket;
  private final long from;
  private final long to;

  /**
   * A key with its current versions at both ends of the window; at least one is there.
   *
   * @param facts of the window about the key
   */
  record Change(String key, Optional<Row> before, Optional<Row> after, List<Row> facts) {
    /** The version with its removal, where that is among the facts. */
    Row withRemoval(Row version) {
      return facts.stream()
          .filter(fact -> fact.isRemoval() && fact.versionId().equals(version.versionId()))
          .filter(fact -> !fact.isNull())
          .reduce(version, (row, fact) -> row.removedAt(fact.time()), (a, b) -> a);
    }

    boolean differs() {
      return !before.map(Row::versionId).equals(after.map(Row::versionId))
          || !before.map(Row::time).equals(after.map(Row::time));
    }
  }

  Changes(Parts parts, String bucket, long from, long to) {
    this.parts = parts;
    this.bucket = bucket;
    this.from = from;
    this.to = to;
  }

  /** Whether anything can have happened there in the window. */
  boolean mayBeIn(ParallelRanges.Part range) {
    return range.tablet().foldedThrough() > from
        || range.tail().stream().anyMatch(row -> row.time() > from && row.time() <= to);
  }

  /** The facts of the window about the keys of a range, by key. */
  NavigableMap<String, List<Row>> events(ParallelRanges.Part range) {
    Tablet tablet = range.tablet();
    NavigableMap<String, List<Row>> events = new TreeMap<>(ObjectKey::compare);
    if (tablet.foldedThrough() > from) {
      for (Segment segment : parts.segments().between(tablet, from + 1, to + 1)) {
        add(journal(segment, range), range, events);
      }
    }
    add(range.tail(), range, events);
    return events;
  }

  /** Tablets that were one at the time share its journal: it is read once for all of them. */
  private List<Row> journal(Segment segment, ParallelRanges.Part range) {
    return range
        .journals()
        .computeIfAbsent(
            segment.tablet().id() + segment.start() + segment.pages(),
            name -> segment.journal().rows(SortKeys.of(from + 1), SortKeys.of(to + 1), false));
  }

  private void add(List<Row> rows, ParallelRanges.Part range, Map<String, List<Row>> events) {
    for (Row row : rows) {
      byte[] key = SortKeys.utf8(row.key());
      if (row.time() > from
          && row.time() <= to
          && Arrays.compareUnsigned(key, range.from()) >= 0
          && SortKeys.before(key, range.to())) {
        events.computeIfAbsent(row.key(), k -> new ArrayList<>()).add(row);
      }
    }
  }

  /**
   * The keys of a range whose current version differs, in order.
   *
   * @param needBefore whether the first snapshot's version is asked for where it is plain that it
   *     differs
   */
  List<Change> in(ParallelRanges.Part range, boolean needBefore) {
    List<Row> tail = range.tail();
    Map<String, List<Row>> tailByKey = new TreeMap<>(ObjectKey::compare);
    tail.forEach(row -> tailByKey.computeIfAbsent(row.key(), k -> new ArrayList<>()).add(row));
    NavigableMap<String, List<Row>> events = events(range);
    Map<String, Optional<Row>> after = new TreeMap<>(ObjectKey::compare);
    List<String> unclear = new ArrayList<>();
    events.forEach((key, facts) -> {
      if (plain(facts, tailByKey.getOrDefault(key, List.of()))) {
        Optional<Row> newest = KeyFacts.newest(KeyFacts.resolve(facts), to);
        after.put(key, newest.filter(row -> !row.isMarker()));
      } else {
        unclear.add(key);
      }
    });
    after.putAll(current(unclear, to, range));
    List<String> compare =
        events.keySet().stream().filter(key -> needBefore || unclear.contains(key)).toList();
    Map<String, Optional<Row>> before = current(compare, from, range);
    List<Change> changes = new ArrayList<>();
    for (String key : events.keySet()) {
      Change change =
          new Change(
              key, before.getOrDefault(key, Optional.empty()), after.get(key), events.get(key));
      if (change.differs()) {
        changes.add(change);
      }
    }
    return changes;
  }

  /** Whether the newest of a key's events in the window is certainly current at its end. */
  private static boolean plain(List<Row> events, List<Row> tail) {
    return events.stream().noneMatch(Row::isRemoval)
        && events.stream().allMatch(row -> row.removed() == Row.NEVER || !row.isNull())
        && tail.stream().allMatch(row -> row.source() == Source.EVENT && !row.isRemoval());
  }

  private Map<String, Optional<Row>> current(
      List<String> keys, long moment, ParallelRanges.Part range) {
    Tablet tablet = range.tablet();
    Map<String, Optional<Row>> current = new TreeMap<>(ObjectKey::compare);
    if (keys.isEmpty()) {
      return current;
    }
    if ((long) keys.size() * DENSE * KEYS_A_PAGE > tablet.live()) {
      byte[] first = SortKeys.utf8(keys.getFirst());
      Scan scan =
          new SnapshotScan(parts, bucket, moment, first, range.to(), (int) tablet.live() + 1);
      Optional<Row> row = scan.next();
      for (String key : keys) {
        while (row.isPresent() && ObjectKey.compare(row.get().key(), key) < 0) {
          row = scan.next();
        }
        current.put(key, row.filter(found -> found.key().equals(key)));
      }
      return current;
    }
    Area area = null;
    for (String key : keys) {
      byte[] position = SortKeys.utf8(key);
      if (area == null || !area.contains(position)) {
        area = Area.at(parts, bucket, moment, position, range.to());
      }
      Optional<Row> row = area.newest(parts, key, area.segment().rowsOf(key));
      current.put(key, row.filter(found -> !found.isMarker()));
    }
    return current;
  }
}
