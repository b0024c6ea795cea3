package dev.snapslice.core.index;

import dev.snapslice.core.version.ObjectKey;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The part of a bucket around a position that one segment holds at one moment, with the tail's
 * facts about it.
 *
 * @param open the open tablet at the position
 * @param end where the area ends, empty at the end of the bucket
 * @param facts by key, in key order
 * @param readAt when it was read, by the reader's clock
 */
record Area(
    Tablet open,
    Segment segment,
    byte[] end,
    NavigableMap<String, List<Row>> facts,
    long moment,
    long readAt) {

  /** Reads what is needed to know the area: the directory, then the tail and the segment. */
  static Area at(Parts parts, String bucket, long moment, byte[] position, byte[] to) {
    long readAt = parts.clock().millis();
    Tablet open = parts.directory().at(bucket, position);
    Segment segment = parts.segments().at(open, moment);
    byte[] end = SortKeys.leastEnd(segment.tablet().to(), to);
    Tail.Facts tail = parts.tail().facts(open, position, end);
    NavigableMap<String, List<Row>> facts = new TreeMap<>(ObjectKey::compare);
    for (Row row : tail.rows()) {
      facts.computeIfAbsent(row.key(), key -> new ArrayList<>()).add(row);
    }
    Area area = new Area(open, segment, tail.through(), facts, moment, readAt);
    return area.isOld(parts.clock()) ? at(parts, bucket, moment, position, to) : area;
  }

  boolean contains(byte[] position) {
    return SortKeys.before(position, end);
  }

  /**
   * Whether what it says of where facts are may no longer hold: a compactor that ran meanwhile may
   * soon take away what it moved.
   */
  boolean isOld(InstantSource clock) {
    return clock.millis() - readAt > Compaction.PROPAGATION.toMillis() / 2;
  }

  /** The newest version of a key at the moment, given its rows in the segment. */
  Optional<Row> newest(Parts parts, String key, List<Row> stored) {
    List<Row> tail = facts.getOrDefault(key, List.of());
    Tablet holder = open;
    if (!tail.isEmpty() && !open.contains(SortKeys.utf8(key))) {
      holder = parts.directory().at(open.bucket(), SortKeys.utf8(key));
    }
    return parts.resolver().newest(holder, segment, stored, tail, moment);
  }

  /** The keys with tail facts in [from, to). */
  Map<String, List<Row>> factsIn(byte[] from, byte[] to) {
    Map<String, List<Row>> in = new TreeMap<>(ObjectKey::compare);
    facts.forEach((key, rows) -> {
      byte[] position = SortKeys.utf8(key);
      if (Arrays.compareUnsigned(position, from) >= 0 && SortKeys.before(position, to)) {
        in.put(key, rows);
      }
    });
    return in;
  }
}
