package dev.snapslice.core.index;

import dev.snapslice.core.index.Run.Order;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * One span of event time of one tablet: a base (for each key the versions from before that are
 * current at some moment of the span), a delta (every version and removal of the span, by key) and
 * the same by time, the journal. The span ends where the tablet's next segment starts, or where the
 * tablet was split.
 */
final class Segment {
  private final Tablet tablet;
  private final long start;
  private final Run base;
  private final Run delta;
  private final Run journal;
  private final long pages;
  private int keysPerPage;

  Segment(IndexTable table, Tablet tablet, long start, long pages, int pageBytes, int keysPerPage) {
    this.tablet = tablet;
    this.start = start;
    this.pages = pages;
    this.keysPerPage = keysPerPage;
    this.base = new Run(table, tablet.id(), Order.BASE, start, pages, pageBytes);
    this.delta = new Run(table, tablet.id(), Order.DELTA, start, pages, pageBytes);
    this.journal = new Run(table, tablet.id(), Order.JOURNAL, start, pages, pageBytes);
  }

  Tablet tablet() {
    return tablet;
  }

  long start() {
    return start;
  }

  /** Tells its pages from those of another segment with the same start that was given up. */
  long pages() {
    return pages;
  }

  /** About how many keys a page of the base holds. */
  int keysPerPage() {
    return keysPerPage;
  }

  Run base() {
    return base;
  }

  Run delta() {
    return delta;
  }

  Run journal() {
    return journal;
  }

  /** All rows of one key. */
  List<Row> rowsOf(String key) {
    byte[] position = SortKeys.utf8(key);
    List<Row> rows = new ArrayList<>(base.at(position));
    rows.addAll(delta.at(position));
    return rows;
  }

  /** Replaces rows wherever the segment holds them. */
  void note(List<Row> old, List<Row> now) {
    List<Row> older = old.stream().filter(row -> row.time() < start).toList();
    List<Row> own = old.stream().filter(row -> row.time() >= start).toList();
    List<Row> ownNow = now.stream().filter(row -> row.time() >= start).toList();
    journal.apply(own, ownNow);
    base.apply(older, now.stream().filter(row -> row.time() < start).toList());
    delta.apply(own, ownNow);
  }

  /** Writes the segment's pages in one go; nobody reads them before it is published. */
  void build(Collection<Row> baseRows, Collection<Row> deltaRows) {
    keysPerPage = Math.max(1, baseRows.size() / base.build(baseRows));
    if (!deltaRows.isEmpty()) {
      delta.build(deltaRows);
      journal.build(deltaRows);
    }
  }
}
