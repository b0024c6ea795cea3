package dev.snapslice.core.index;

import dev.snapslice.core.index.ParallelRanges.Part;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** What happened to keys, as opposed to what was there at a moment. */
final class History {
  private final Parts parts;
  private final String bucket;

  History(Parts parts, String bucket) {
    this.parts = parts;
    this.bucket = bucket;
  }

  /** Every version of a key, newest first. */
  List<Version> of(ObjectKey key) {
    byte[] position = key.bytes();
    Tablet tablet = parts.directory().at(bucket, position);
    byte[] end = SortKeys.after(position);
    List<Row> facts = new ArrayList<>(parts.tail().facts(tablet, position, end).rows());
    Optional<Segment> segment = Optional.of(parts.segments().at(tablet, Long.MAX_VALUE - 1));
    while (segment.isPresent()) {
      facts.addAll(segment.get().delta().at(position));
      segment = parts.segments().before(segment.get());
    }
    return KeyFacts.resolve(facts).reversed().stream().map(Row::version).toList();
  }

  /** Every version of the keys below a prefix, tablet by tablet. */
  Iterator<Version> below(String prefix, String after) {
    byte[] prefixBytes = SortKeys.utf8(prefix);
    byte[] start =
        Listing.start(prefixBytes, after.isEmpty() ? Cursor.START : Cursor.afterKey(after));
    return new ParallelRanges(parts, bucket, start, SortKeys.afterPrefix(prefixBytes))
        .stream(part -> true, this::versions).flatMap(List::stream).iterator();
  }

  private List<Version> versions(Part part) {
    List<Row> facts = new ArrayList<>(part.tail());
    for (Segment segment : parts.segments().since(part.tablet(), 0)) {
      facts.addAll(segment.delta().rows(part.from(), part.to(), false));
    }
    List<Version> versions = new ArrayList<>();
    byKey(facts)
        .values()
        .forEach(
            rows -> KeyFacts.resolve(rows).reversed().forEach(row -> versions.add(row.version())));
    return versions;
  }

  private static NavigableMap<String, List<Row>> byKey(Collection<Row> rows) {
    NavigableMap<String, List<Row>> byKey = new TreeMap<>(ObjectKey::compare);
    rows.forEach(row -> byKey.computeIfAbsent(row.key(), key -> new ArrayList<>()).add(row));
    return byKey;
  }

  /** Counts what happened in (from, to], interval by interval. */
  List<TimelineBucket> timeline(long from, long to, long resolution) {
    Changes changes = new Changes(parts, bucket, from, to);
    Map<Long, TimelineBucket> intervals = new TreeMap<>();
    byte[] all = {};
    new ParallelRanges(parts, bucket, all, all)
        .stream(changes::mayBeIn, part -> events(changes, part))
            .flatMap(List::stream)
            .forEach(row -> count(row, resolution, intervals));
    return List.copyOf(intervals.values());
  }

  private static List<Row> events(Changes changes, Part part) {
    List<Row> events = new ArrayList<>();
    for (List<Row> facts : changes.events(part).values()) {
      events.addAll(KeyFacts.resolve(facts));
      facts.stream().filter(Row::isRemoval).distinct().forEach(events::add);
    }
    return events;
  }

  private static void count(Row row, long resolution, Map<Long, TimelineBucket> intervals) {
    long start = row.time() / resolution * resolution;
    TimelineBucket one =
        switch (row.kind()) {
          case CREATED -> new TimelineBucket(Instant.ofEpochMilli(start), 1, 0, 0, row.size());
          case MARKER -> new TimelineBucket(Instant.ofEpochMilli(start), 0, 1, 0, 0);
          case REMOVED -> new TimelineBucket(Instant.ofEpochMilli(start), 0, 0, 1, 0);
        };
    intervals.merge(start, one, TimelineBucket::plus);
  }
}
