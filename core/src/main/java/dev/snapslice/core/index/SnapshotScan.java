package dev.snapslice.core.index;

import dev.snapslice.core.version.ObjectKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
  private final Deque<Row> ready = new ArrayDeque<>();
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
    return Optional.of(ready.remove());
  }

  @Override
  public void expect(int keys) {
    wanted += keys;
  }

  @Override
  public void skipTo(byte[] target) {
    while (!ready.isEmpty()
        && Arrays.compareUnsigned(SortKeys.utf8(ready.peek().key()), target) < 0) {
      ready.remove();
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
    List<Run.Page> base = basePages();
    byte[] covered = covered(base);
    Map<String, List<Row>> stored = new LinkedHashMap<>();
    for (Run.Page page : base) {
      collect(page.rows(), covered, stored);
    }
    collect(area.segment().delta().rows(position, covered, false), covered, stored);
    area.factsIn(position, covered).forEach((key, rows) -> stored.putIfAbsent(key, List.of()));
    stored.entrySet().stream()
        .flatMap(each -> area.newest(parts, each.getKey(), each.getValue()).stream())
        .filter(row -> !row.isMarker())
        .sorted(Comparator.comparing(Row::key, ObjectKey::compare))
        .forEach(ready::add);
    position = covered;
    done = covered.length == 0 || !SortKeys.before(covered, to);
  }

  /**
   * Pages of the base from the position on, with as many keys as are wanted, and with all rows of
   * one key at least. Pages hold unlike many keys, but more of them cost less than another look at
   * the delta.
   */
  private List<Run.Page> basePages() {
    Run run = area.segment().base();
    int limit = pagesFor(wanted, area.segment().keysPerPage());
    List<Run.Page> base = new ArrayList<>(run.pages(position, area.end(), limit, false));
    while (!Arrays.equals(covered(base), area.end())) {
      long keys = keysIn(base);
      boolean enough = keys >= wanted || base.size() >= pages;
      if (enough && Arrays.compareUnsigned(covered(base), position) > 0) {
        break;
      }
      int more = pagesFor(wanted - keys, (int) (keys / base.size()));
      base.addAll(run.pagesAfter(base.getLast(), area.end(), enough ? base.size() : more));
    }
    pages = pages > base.size() ? pages : 2 * pages;
    return base;
  }

  private int pagesFor(long keys, int keysPerPage) {
    return (int) Math.min(pages, Math.max(keys, 1) / Math.max(keysPerPage, 1) + 1);
  }

  private long keysIn(List<Run.Page> base) {
    return base.stream()
        .flatMap(page -> page.rows().stream())
        .map(Row::key)
        .distinct()
        .filter(key -> Arrays.compareUnsigned(SortKeys.utf8(key), position) >= 0)
        .count();
  }

  /** Where the keys end whose rows are all in these pages. */
  private byte[] covered(List<Run.Page> base) {
    return base.isEmpty() ? area.end() : area.segment().base().covered(base.getLast(), area.end());
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
