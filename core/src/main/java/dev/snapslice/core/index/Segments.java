package dev.snapslice.core.index;

import static dev.snapslice.core.index.IndexTable.SK;
import static dev.snapslice.core.index.IndexTable.bytes;
import static dev.snapslice.core.index.IndexTable.number;

import dev.snapslice.core.index.IndexTable.Range;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The segments of tablets: one small item each, keyed by its start, so that one reverse query finds
 * a moment's.
 */
final class Segments {
  private static final char TYPE = 'S';
  private static final String KEYS = "k";
  private static final String PAGES = "p";

  /** Of a segment that was never built and grows from nothing. */
  private static final int KEYS_PER_PAGE = 50;

  private final IndexTable table;
  private final Directory directory;
  private final int pageBytes;

  Segments(IndexTable table, Directory directory, int pageBytes) {
    this.table = table;
    this.directory = directory;
    this.pageBytes = pageBytes;
  }

  private static String partition(Tablet tablet) {
    return "T#" + tablet.id();
  }

  /**
   * The segment of the tablet, or of the ancestor that held its keys then, whose span contains the
   * moment.
   */
  Segment at(Tablet tablet, long moment) {
    return at(tablet, moment, false);
  }

  private Segment at(Tablet tablet, long moment, boolean consistent) {
    Tablet holder = directory.at(tablet, moment);
    return table
        .last(
            new Range(partition(holder), SortKeys.of(TYPE, 0), SortKeys.of(TYPE, moment)),
            consistent)
        .map(item -> read(holder, item))
        .orElseGet(() -> new Segment(table, holder, holder.born(), 0, pageBytes, KEYS_PER_PAGE));
  }

  /** The segment before, of this tablet or its parent; empty at the beginning of time. */
  Optional<Segment> before(Segment segment) {
    if (segment.start() > segment.tablet().born()) {
      return Optional.of(at(segment.tablet(), segment.start() - 1));
    }
    return segment.tablet().parent().isEmpty()
        ? Optional.empty()
        : Optional.of(at(directory.parent(segment.tablet()), segment.start() - 1));
  }

  /** The segments that together hold the tablet's keys from a moment on, oldest first. */
  List<Segment> since(Tablet tablet, long moment) {
    return between(tablet, moment, Long.MAX_VALUE);
  }

  /** The segments that together hold the tablet's keys in [moment, end), oldest first. */
  List<Segment> between(Tablet tablet, long moment, long end) {
    List<Segment> segments = new ArrayList<>();
    long until = end;
    for (Tablet holder = tablet; ; holder = directory.parent(holder)) {
      if (holder.born() < until) {
        segments.addAll(0, own(holder, Math.max(moment, holder.born()), until));
      }
      if (holder.born() <= moment) {
        return segments;
      }
      until = Math.min(until, holder.born());
    }
  }

  /** The tablet's own segments whose spans meet [from, until). */
  List<Segment> own(Tablet tablet, long from, long until) {
    Segment first = at(tablet, from, true);
    List<Segment> segments = new ArrayList<>(List.of(first));
    if (until > first.start() + 1) {
      byte[] after = SortKeys.of(TYPE, first.start() + 1);
      byte[] end = SortKeys.of(TYPE, until == Long.MAX_VALUE ? until : until - 1);
      for (var item : table.all(new Range(partition(tablet), after, end), true)) {
        segments.add(read(tablet, item));
      }
    }
    return segments;
  }

  private Segment read(Tablet tablet, Map<String, AttributeValue> item) {
    long start = ByteBuffer.wrap(bytes(item, SK)).getLong(1);
    return new Segment(
        table, tablet, start, number(item, PAGES), pageBytes, (int) number(item, KEYS));
  }

  /** A new one, whose pages nobody finds before it is published. */
  Segment segment(Tablet tablet, long start) {
    long pages = ThreadLocalRandom.current().nextLong();
    return new Segment(table, tablet, start, pages, pageBytes, KEYS_PER_PAGE);
  }

  /** Makes a segment the one that readers find from its start on. */
  void publish(Segment segment) {
    Map<String, AttributeValue> item =
        IndexTable.key(partition(segment.tablet()), SortKeys.of(TYPE, segment.start()));
    item.put(PAGES, IndexTable.number(segment.pages()));
    item.put(KEYS, IndexTable.number(segment.keysPerPage()));
    table.put(item);
  }
}
