package dev.snapslice.core.index;

import dev.snapslice.core.version.ObjectKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Walks a range of a snapshot in key order, reading pages as it goes: base and delta of the
 * moment's segment, merged with the tail. Not thread-safe.
 */
final class SnapshotScan implements Scan {
  /** After a jump the next one is likely to come soon. */
  private static final int FEW_PAGES = 2;

  private final Parts parts;
  private final String bucket;
  private final long moment;
  private final byte[] to;
  private long wanted;
  private int pages = Integer.MAX_VALUE;
  private final NavigableMap<String, Row> ready = new TreeMap<>(ObjectKey::compare);
  private byte[] position;
  private boolean done;
  private Area area;

  /**
   * @param to where the range ends, empty for the end of the bucket
   * @param expected how many keys the reader is likely to take: pages are fetched accordingly
   */
  SnapshotScan(Parts parts, String bucket, long moment, byte[] from, byte[] to, int expected) {
    this.parts = parts;
    this.bucket = bucket;
    this.moment = moment;
    this.position = from;
    this.to = to;
    this.wanted = expected;
    this.done = !SortKeys.before(from, to);
  }

  @Override
  public Optional<Row> next() {
    while (ready.isEmpty()) {
      if (done) {
        return Optional.empty();
      }
      fill();
    }
    wanted--;
    return Optional.of(ready.pollFirstEntry().getValue());
  }

  @Override
  public void skipTo(byte[] target) {
    while (!ready.isEmpty()
        && Arrays.compareUnsigned(SortKeys.utf8(ready.firstKey()), target) < 0) {
      ready.pollFirstEntry();
    }
    if (ready.isEmpty() && !done && Arrays.compareUnsigned(position, target) < 0) {
      position = target;
      pages = FEW_PAGES;
      done = !SortKeys.before(position, to);
    }
  }

  private void fill() {
    if (area == null || !area.contains(position) || area.isOld(parts.clock())) {
      area = Area.at(parts, bucket, moment, position, to);
    }
    int limit = (int) Math.min(pages, Math.max(wanted, 1) / area.segment().keysPerPage() + 2);
    pages = pages > limit ? pages : 2 * pages;
    List<Run.Page> base = area.segment().base().pages(position, area.end(), limit, false);
    byte[] covered = covered(base, limit);
    while (covered.length > 0 && Arrays.compareUnsigned(covered, position) <= 0) {
      limit *= 4; // One key fills all these pages.
      base = area.segment().base().pages(position, area.end(), limit, false);
      covered = covered(base, limit);
    }
    Map<String, List<Row>> stored = new TreeMap<>(ObjectKey::compare);
    for (Run.Page page : base) {
      collect(page.rows(), covered, stored);
    }
    collect(area.segment().delta().rows(position, covered, false), covered, stored);
    area.factsIn(position, covered).forEach((key, rows) -> stored.putIfAbsent(key, List.of()));
    stored.forEach((key, rows) ->
        area.newest(parts, key, rows)
            .filter(row -> !row.isMarker())
            .ifPresent(row -> ready.put(key, row)));
    position = covered;
    done = covered.length == 0 || !SortKeys.before(covered, to);
  }

  /** Where the keys end whose rows are all in these pages. */
  private byte[] covered(List<Run.Page> base, int limit) {
    return base.size() < limit
        ? area.end()
        : SortKeys.leastEnd(base.getLast().nextKey(), area.end());
  }

  private void collect(List<Row> rows, byte[] end, Map<String, List<Row>> into) {
    for (Row row : rows) {
      byte[] key = SortKeys.utf8(row.key());
      if (Arrays.compareUnsigned(key, position) >= 0 && SortKeys.before(key, end)) {
        into.computeIfAbsent(row.key(), k -> new ArrayList<>()).add(row);
      }
    }
  }
}
