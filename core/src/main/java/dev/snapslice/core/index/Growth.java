package dev.snapslice.core.index;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What becomes of a tablet that facts were folded into: segments that have grown too long are cut,
 * a new segment follows a full one, narrower tablets take the place of one with too many keys.
 */
final class Growth {
  private static final int MOST_CHILDREN = 40;
  private static final int MAX_BORDER = 480;

  private final Parts parts;

  Growth(Parts parts) {
    this.parts = parts;
  }

  private Limits limits() {
    return parts.limits();
  }

  /**
   * Cuts segments that many or late facts have made too long. Returns the starts of those that are
   * to be trimmed.
   */
  List<Long> cutOverlong(Tablet tablet, Fold fold) {
    List<Long> cut = new ArrayList<>();
    for (Working segment : fold.touched()) {
      if (segment.segment().tablet().id().equals(tablet.id())
          && segment.deltaRows() > 2 * limits().delta(segment.baseRows())
          && cut(segment)) {
        cut.add(segment.start());
      }
    }
    return cut;
  }

  /** Publishes what follows from the latest piece on: until then the whole serves for all. */
  private boolean cut(Working segment) {
    List<Row> delta = segment.deltaRowsInTimeOrder();
    var versions = segment.versions().values();
    Deque<Segment> pieces = new ArrayDeque<>();
    int from = nextCut(delta, 0, segment.baseRows());
    while (from < delta.size()) {
      long start = delta.get(from).time();
      List<Row> current = new ArrayList<>();
      versions.forEach(v -> current.addAll(KeyFacts.base(v, start, segment.end())));
      int next = nextCut(delta, from, current.size());
      long end = next < delta.size() ? delta.get(next).time() : segment.end();
      List<Row> base = new ArrayList<>();
      versions.forEach(v -> base.addAll(KeyFacts.base(v, start, end)));
      Segment piece = parts.segments().segment(segment.segment().tablet(), start);
      piece.build(base, delta.subList(from, next));
      pieces.push(piece);
      from = next;
    }
    pieces.forEach(parts.segments()::publish);
    return !pieces.isEmpty();
  }

  /** Where a delta that begins at {@code from} is long enough, and what follows too. */
  private int nextCut(List<Row> delta, int from, int baseRows) {
    int limit = limits().delta(baseRows);
    int next = from + limit;
    while (next < delta.size() && delta.get(next).time() == delta.get(next - 1).time()) {
      next++;
    }
    return next + limit / 2 > delta.size() ? delta.size() : next;
  }

  /**
   * Takes out of a segment what lies after its end, when nobody can think any more that it goes on.
   */
  void trim(Tablet tablet, long start) {
    List<Segment> two = parts.segments().own(tablet, start, Long.MAX_VALUE);
    if (two.size() > 1) {
      long end = two.get(1).start();
      Segment segment = two.getFirst();
      byte[] all = {};
      List<Row> beyond =
          segment.delta().rows(all, all, true).stream().filter(row -> row.time() >= end).toList();
      segment.delta().apply(beyond, List.of());
      segment.journal().apply(beyond, List.of());
    }
  }

  /**
   * Starts a new segment, or several tablets in place of this one, when the newest delta has grown.
   * Returns the tablet under whose first key the folded chunks are filed from now on.
   *
   * @param wasCut whether the newest segment has been followed by others already
   */
  Tablet grow(
      Tablet tablet, Working newest, Map<String, List<Row>> versions, long live, boolean wasCut) {
    boolean split =
        live > limits().tabletKeys()
            && tablet.drainedAt() == Tablet.DRAINED
            && !tablet.readsOthersTail();
    if (newest.deltaRows() < limits().delta(newest.baseRows()) || (wasCut && !split)) {
      return tablet;
    }
    long start = newest.deltaRowsInTimeOrder().getLast().time() + 1;
    List<Row> base = new ArrayList<>();
    versions.values().forEach(v -> base.addAll(KeyFacts.base(v, start, Long.MAX_VALUE)));
    if (split) {
      return split(tablet, start, base);
    }
    Segment next = parts.segments().segment(tablet, start);
    next.build(base, List.of());
    parts.segments().publish(next);
    return tablet;
  }

  private Tablet split(Tablet tablet, long born, List<Row> base) {
    int children =
        Math.clamp(base.size() / Math.max(1, limits().tabletKeys() / 2), 1, MOST_CHILDREN);
    int each = base.size() / children + 1;
    List<Tablet> tablets = new ArrayList<>();
    List<Row> rows = new ArrayList<>();
    byte[] from = tablet.from();
    for (int i = 0; i < base.size(); i++) {
      rows.add(base.get(i));
      boolean last = i + 1 == base.size();
      byte[] border = last ? tablet.to() : border(base.get(i), base.get(i + 1));
      if (last || (rows.size() >= each && border.length > 0)) {
        Tablet child = child(tablet, from, border, born, rows.size());
        Segment first = parts.segments().segment(child, born);
        first.build(rows, List.of());
        parts.segments().publish(first);
        tablets.add(child);
        rows = new ArrayList<>();
        from = border;
      }
    }
    return parts.directory().replace(tablet, tablets) ? tablets.getFirst() : tablet;
  }

  /**
   * A first key for the tablet that begins with {@code right}; empty where none is short enough.
   */
  static byte[] border(Row left, Row right) {
    byte[] separator = SortKeys.separator(SortKeys.utf8(left.key()), SortKeys.utf8(right.key()));
    boolean sameKey = left.key().equals(right.key());
    return sameKey || separator.length > MAX_BORDER ? new byte[0] : separator;
  }

  private Tablet child(Tablet parent, byte[] from, byte[] to, long born, long live) {
    boolean leftmost = Arrays.equals(from, parent.from());
    return new Tablet(
        parent.bucket(),
        UUID.randomUUID().toString(),
        from,
        to,
        born,
        parent.id(),
        parent.from(),
        false,
        parts.clock().millis(),
        leftmost ? 0 : Tablet.DRAINED,
        parent.foldedThrough(),
        parent.deletions(),
        live);
  }
}
