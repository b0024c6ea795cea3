package dev.snapslice.core.index;

import dev.snapslice.core.version.VersionEvent.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The versions of many keys in memory, packed as pages hold them: a third of what rows take. Keys
 * come in order, and their versions are read back in the order of time. Not thread-safe.
 */
final class PackedHistory {
  private static final int BLOCK = 64;

  private final List<PackedKey> keys = new ArrayList<>();
  private long rows;

  /** One key's versions, oldest first, in blocks. */
  private record PackedKey(
      byte[] key, int rows, long newest, boolean deletions, List<byte[]> blocks) {}

  /** Adds all versions of one key, which comes after those that are there. */
  void add(List<Row> versions) {
    List<Row> sorted = versions.stream().sorted(Row.BY_TIME).toList();
    List<byte[]> blocks = new ArrayList<>();
    for (int from = 0; from < sorted.size(); from += BLOCK) {
      int to = Math.min(from + BLOCK, sorted.size());
      blocks.add(PageCodec.encode(sorted.subList(from, to)));
    }
    Row newest = sorted.getLast();
    boolean deletions = sorted.stream().anyMatch(row -> row.kind() != Kind.CREATED);
    add(
        new PackedKey(
            SortKeys.utf8(newest.key()), sorted.size(), newest.time(), deletions, blocks));
  }

  private void add(PackedKey key) {
    keys.add(key);
    rows += key.rows();
  }

  int keys() {
    return keys.size();
  }

  long rows() {
    return rows;
  }

  /** The newest time of all versions, 0 if there are none. */
  long through() {
    return keys.stream().mapToLong(PackedKey::newest).max().orElse(0);
  }

  boolean deletions() {
    return keys.stream().anyMatch(PackedKey::deletions);
  }

  /** The part of it from a key on. */
  PackedHistory from(byte[] key) {
    PackedHistory part = new PackedHistory();
    keys.stream().filter(k -> Arrays.compareUnsigned(k.key(), key) >= 0).forEach(part::add);
    return part;
  }

  /** All rows, in the order of {@link Row#BY_TIME}; a block of each key is unpacked at a time. */
  Iterator<Row> inTime() {
    record Next(Row row, Iterator<Row> rest) {}
    PriorityQueue<Next> queue = new PriorityQueue<>(Comparator.comparing(Next::row, Row.BY_TIME));
    for (PackedKey key : keys) {
      Iterator<Row> all =
          key.blocks().stream().flatMap(block -> PageCodec.decode(block).stream()).iterator();
      queue.add(new Next(all.next(), all));
    }
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return !queue.isEmpty();
      }

      @Override
      public Row next() {
        Next next = queue.remove();
        if (next.rest().hasNext()) {
          queue.add(new Next(next.rest().next(), next.rest()));
        }
        return next.row();
      }
    };
  }
}
