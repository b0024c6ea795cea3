package dev.snapslice.core.index;

import dev.snapslice.core.index.TimeIndex.Checkpoint;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Builds packed history from S3's own list of versions, tablet by tablet, in place of the empty
 * tablets with which a bucket's index begins. Events that arrive meanwhile wait in the tail.
 */
final class Backfill {
  private static final int ROWS = 200_000;

  private final Parts parts;
  private final String bucket;

  Backfill(Parts parts, String bucket) {
    this.parts = parts;
    this.bucket = bucket;
  }

  void run(byte[] from, byte[] to, Iterator<VersionEvent> versions, Consumer<Checkpoint> progress) {
    byte[] start = from;
    List<Row> rows = new ArrayList<>();
    int keys = 0;
    long written = 0;
    while (versions.hasNext()) {
      Row row = Row.of(versions.next());
      Row last = rows.isEmpty() ? null : rows.getLast();
      boolean newKey = last == null || !last.key().equals(row.key());
      if (newKey && (keys >= parts.limits().backfillKeys() || rows.size() >= ROWS)) {
        byte[] border = Growth.border(last, row);
        if (border.length > 0) {
          build(start, border, rows);
          written += rows.size();
          progress.accept(new Checkpoint(row.key(), written));
          start = border;
          rows = new ArrayList<>();
          keys = 0;
        }
      }
      keys += newKey ? 1 : 0;
      rows.add(row);
    }
    build(start, to, rows);
  }

  /** Writes one tablet's history and puts the tablet where it belongs. */
  private void build(byte[] from, byte[] to, List<Row> rows) {
    Tablet filled;
    do {
      Tablet old = parts.directory().at(bucket, from);
      if (!old.filling()) {
        buildAfter(old, to, rows);
        return;
      }
      long through = rows.stream().mapToLong(Row::time).max().orElse(0);
      long live = rows.stream().map(Row::key).distinct().count();
      boolean deletions = rows.stream().anyMatch(row -> row.kind() != Kind.CREATED);
      filled = tablet(old, from, to, false, through, deletions, live);
      segments(filled, rows);
    } while (!place(filled));
  }

  /**
   * A run that died has built this far, up to another border than ours: versions may have been
   * removed from S3 since.
   */
  private void buildAfter(Tablet built, byte[] to, List<Row> rows) {
    byte[] from = built.to();
    if (from.length > 0 && SortKeys.before(from, to)) {
      build(
          from,
          to,
          rows.stream()
              .filter(row -> Arrays.compareUnsigned(SortKeys.utf8(row.key()), from) >= 0)
              .toList());
    }
  }

  private boolean place(Tablet filled) {
    Tablet old = parts.directory().at(bucket, filled.from());
    List<Tablet> instead = new ArrayList<>();
    if (!Arrays.equals(old.from(), filled.from())) {
      instead.add(tablet(old, old.from(), filled.from(), true, 0, false, 0));
    }
    instead.add(filled);
    if (filled.to().length > 0 && !Arrays.equals(old.to(), filled.to())) {
      instead.add(tablet(old, filled.to(), old.to(), true, 0, false, 0));
    }
    return parts.directory().replace(old, instead);
  }

  private Tablet tablet(
      Tablet old,
      byte[] from,
      byte[] to,
      boolean filling,
      long through,
      boolean deletions,
      long live) {
    boolean leftmost = Arrays.equals(from, old.tailFrom());
    return new Tablet(
        bucket,
        UUID.randomUUID().toString(),
        from,
        to,
        0,
        "",
        old.tailFrom(),
        filling,
        parts.clock().millis(),
        leftmost ? 0 : Tablet.DRAINED,
        through,
        deletions,
        live);
  }

  private void segments(Tablet tablet, List<Row> rows) {
    List<Row> inTime = rows.stream().sorted(Row.BY_TIME).toList();
    TreeMap<String, Row> current = new TreeMap<>(ObjectKey::compare);
    long start = 0;
    int first = 0;
    for (int i = 1; i <= inTime.size(); i++) {
      long limit = parts.limits().delta(2L * current.size());
      boolean last = i == inTime.size();
      if (last || (i - first >= limit && inTime.get(i).time() > inTime.get(i - 1).time())) {
        write(tablet, start, List.copyOf(current.values()), inTime.subList(first, i));
        for (Row row : inTime.subList(first, i)) {
          current.merge(row.key(), row, (a, b) -> Row.ORDER.compare(a, b) < 0 ? b : a);
        }
        current.values().removeIf(Row::isMarker);
        start = last ? start : inTime.get(i).time();
        first = i;
      }
    }
    if (inTime.isEmpty()) {
      write(tablet, 0, List.of(), List.of());
    }
  }

  private void write(Tablet tablet, long start, List<Row> base, List<Row> delta) {
    Segment segment = parts.segments().segment(tablet, start);
    segment.build(base, delta);
    parts.segments().publish(segment);
  }
}
