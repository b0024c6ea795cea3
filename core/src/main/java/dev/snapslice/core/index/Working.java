package dev.snapslice.core.index;

import dev.snapslice.core.version.ObjectKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A segment's rows in memory while facts are folded into it, and what has to be written in the end.
 */
final class Working {
  private final Segment segment;
  private final long end;
  private final Map<String, List<Row>> base;
  private final Map<String, List<Row>> delta;
  private final Changes baseChanges = new Changes();
  private final Changes deltaChanges = new Changes();

  private static final class Changes {
    final Set<Row> remove = new HashSet<>();
    final Set<Row> add = new HashSet<>();

    void replace(Collection<Row> old, Collection<Row> now) {
      for (Row row : old) {
        if (!now.contains(row) && !add.remove(row)) {
          remove.add(row);
        }
      }
      for (Row row : now) {
        if (!old.contains(row) && !remove.remove(row)) {
          add.add(row);
        }
      }
    }
  }

  /** Loads the rows of a tablet's keys from a segment whose span ends at {@code end}. */
  Working(Segment segment, long end, Tablet keys) {
    this.segment = segment;
    this.end = end;
    this.base = byKey(segment.base().rows(keys.from(), keys.to(), true));
    this.delta =
        byKey(
            segment.delta().rows(keys.from(), keys.to(), true).stream()
                .filter(row -> row.time() < end) // What follows may not be trimmed yet.
                .toList());
  }

  private static Map<String, List<Row>> byKey(List<Row> rows) {
    Map<String, List<Row>> byKey = new TreeMap<>(ObjectKey::compare);
    rows.forEach(row -> byKey.computeIfAbsent(row.key(), key -> new ArrayList<>()).add(row));
    return byKey;
  }

  Segment segment() {
    return segment;
  }

  long start() {
    return segment.start();
  }

  long end() {
    return end;
  }

  boolean spans(long time) {
    return start() <= time && time < end;
  }

  List<Row> rowsOf(String key) {
    List<Row> rows = new ArrayList<>(base.getOrDefault(key, List.of()));
    rows.addAll(delta.getOrDefault(key, List.of()));
    return rows;
  }

  List<Row> deltaOf(String key) {
    return delta.getOrDefault(key, List.of());
  }

  int baseRows() {
    return size(base);
  }

  int deltaRows() {
    return size(delta);
  }

  private static int size(Map<String, List<Row>> rows) {
    return rows.values().stream().mapToInt(List::size).sum();
  }

  List<Row> deltaRowsInTimeOrder() {
    return delta.values().stream().flatMap(List::stream).sorted(Row.BY_TIME).toList();
  }

  /** What the segment's rows say of each key, in key order. */
  Map<String, List<Row>> versions() {
    Map<String, List<Row>> all = new TreeMap<>(ObjectKey::compare);
    base.forEach((key, rows) -> all.computeIfAbsent(key, k -> new ArrayList<>()).addAll(rows));
    delta.forEach((key, rows) -> all.computeIfAbsent(key, k -> new ArrayList<>()).addAll(rows));
    all.replaceAll((key, rows) -> KeyFacts.resolve(rows));
    return all;
  }

  /** Sets a key's rows; says whether the base changed. */
  boolean set(String key, List<Row> newBase, List<Row> newDelta) {
    List<Row> oldBase = put(base, key, newBase);
    List<Row> oldDelta = put(delta, key, newDelta);
    baseChanges.replace(oldBase, newBase);
    deltaChanges.replace(oldDelta, newDelta);
    return !Set.copyOf(oldBase).equals(Set.copyOf(newBase));
  }

  /** Replaces rows of one key, each by that at the same place. */
  void note(List<Row> old, List<Row> now) {
    String key = old.getFirst().key();
    set(
        key,
        replaced(base.getOrDefault(key, List.of()), old, now),
        replaced(delta.getOrDefault(key, List.of()), old, now));
  }

  private static List<Row> replaced(List<Row> rows, List<Row> old, List<Row> now) {
    return rows.stream().map(row -> old.contains(row) ? now.get(old.indexOf(row)) : row).toList();
  }

  private static List<Row> put(Map<String, List<Row>> rows, String key, List<Row> now) {
    List<Row> old = now.isEmpty() ? rows.remove(key) : rows.put(key, now);
    return old == null ? List.of() : old;
  }

  /** Writes what changed beside the delta. Safe to repeat. */
  void flushBaseAndJournal() {
    segment.base().apply(baseChanges.remove, baseChanges.add);
    segment.journal().apply(deltaChanges.remove, deltaChanges.add);
  }

  /** Writes what changed in the delta, and with it that the rest is written. */
  void flushDelta() {
    segment.delta().apply(deltaChanges.remove, deltaChanges.add);
  }
}
