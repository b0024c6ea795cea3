package dev.snapslice.core.index;

import dev.snapslice.core.index.TimeIndex.Checkpoint;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.VersionEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
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
  /** Of a tablet, packed in memory: some 60 MB. */
  private static final int ROWS = 1_000_000;

  /**
   * A slow list makes narrower tablets: a run that is stopped after minutes must have built one.
   */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Parts parts;
  private final String bucket;

  Backfill(Parts parts, String bucket) {
    this.parts = parts;
    this.bucket = bucket;
  }

  void run(byte[] from, byte[] to, Iterator<VersionEvent> versions, Consumer<Checkpoint> progress) {
    byte[] start = from;
    PackedHistory history = new PackedHistory();
    long began = parts.clock().millis();
    List<Row> key = new ArrayList<>();
    long written = 0;
    while (versions.hasNext()) {
      Row row = Row.of(versions.next());
      if (!key.isEmpty() && !key.getLast().key().equals(row.key())) {
        history.add(key);
        byte[] border = isFull(history, began) ? Growth.border(key.getLast(), row) : new byte[0];
        if (border.length > 0) {
          build(start, border, history);
          written += history.rows();
          progress.accept(new Checkpoint(row.key(), written));
          start = border;
          history = new PackedHistory();
          began = parts.clock().millis();
        }
        key = new ArrayList<>();
      }
      key.add(row);
    }
    if (!key.isEmpty()) {
      history.add(key);
    }
    build(start, to, history);
  }

  private boolean isFull(PackedHistory history, long began) {
    return history.keys() >= parts.limits().backfillKeys()
        || history.rows() >= ROWS
        || parts.clock().millis() - began >= PATIENCE.toMillis();
  }

  /** Writes one tablet's history and puts the tablet where it belongs. */
  private void build(byte[] from, byte[] to, PackedHistory history) {
    Tablet filled;
    do {
      Tablet old = parts.directory().at(bucket, from);
      if (!old.filling()) {
        buildAfter(old, to, history);
        return;
      }
      filled = tablet(old, from, to, false, history.through(), history.deletions(), history.keys());
      segments(filled, history.inTime());
    } while (!place(filled));
  }

  /**
   * A run that died has built this far, up to another border than ours: versions may have been
   * removed from S3 since.
   */
  private void buildAfter(Tablet built, byte[] to, PackedHistory history) {
    byte[] from = built.to();
    if (from.length > 0 && SortKeys.before(from, to)) {
      build(from, to, history.from(from));
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

  private void segments(Tablet tablet, Iterator<Row> inTime) {
    TreeMap<String, Row> current = new TreeMap<>(ObjectKey::compare);
    List<Row> delta = new ArrayList<>();
    long start = 0;
    while (inTime.hasNext()) {
      Row row = inTime.next();
      boolean full = delta.size() >= parts.limits().delta(2L * current.size());
      if (full && row.time() > delta.getLast().time()) {
        write(tablet, start, current.values(), delta);
        for (Row past : delta) {
          current.merge(past.key(), past, (a, b) -> Row.ORDER.compare(a, b) < 0 ? b : a);
        }
        current.values().removeIf(Row::isMarker);
        start = row.time();
        delta = new ArrayList<>();
      }
      delta.add(row);
    }
    write(tablet, start, current.values(), delta);
  }

  private void write(Tablet tablet, long start, Collection<Row> base, List<Row> delta) {
    Segment segment = parts.segments().segment(tablet, start);
    segment.build(base, delta);
    parts.segments().publish(segment);
  }
}
