package dev.snapslice.core.index;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Gatherers;
import java.util.stream.Stream;

/**
 * A range of keys cut where tablets begin, so that its parts can be read side by side. Reads the
 * directory and the tail for a group of tablets at a time, as far as somebody goes: a range may
 * have any number of them. Not thread-safe.
 */
final class ParallelRanges {
  private static final int AT_ONCE = 16;

  private final Parts index;
  private final String bucket;
  private final byte[] to;
  private byte[] from;
  private boolean done;

  /**
   * The keys of one open tablet in [from, to), and the tail's facts about them; {@code to} empty:
   * to the end.
   *
   * @param journals that parts of its group have read by now, by name: none is older than the tail,
   *     so that what is folded meanwhile is in one of the two
   */
  record Part(
      Tablet tablet, byte[] from, byte[] to, List<Row> tail, Map<String, List<Row>> journals) {}

  /** All in [from, to); {@code to} empty: to the end. */
  ParallelRanges(Parts index, String bucket, byte[] from, byte[] to) {
    this.index = index;
    this.bucket = bucket;
    this.from = from;
    this.to = to;
    this.done = !SortKeys.before(from, to);
  }

  /** Goes on from a position, if that lies ahead. */
  void skipTo(byte[] position) {
    if (!done && Arrays.compareUnsigned(position, from) > 0) {
      from = position;
      done = !SortKeys.before(from, to);
    }
  }

  /** The next parts, in order; empty at the end. */
  List<Part> next() {
    if (done) {
      return List.of();
    }
    List<Tablet> tablets = index.directory().covering(bucket, from, to);
    byte[] end = SortKeys.leastEnd(tablets.getLast().to(), to);
    Tail.Facts facts = index.tail().facts(tablets.getFirst(), from, end);
    Deque<Row> tail = new ArrayDeque<>(facts.rows().stream().sorted(Row.BY_KEY).toList());
    Map<String, List<Row>> journals = new ConcurrentHashMap<>();
    List<Part> parts = new ArrayList<>();
    for (Tablet tablet : tablets) {
      byte[] stop = SortKeys.leastEnd(tablet.to(), facts.through());
      List<Row> its = new ArrayList<>();
      while (!tail.isEmpty() && SortKeys.before(SortKeys.utf8(tail.peek().key()), stop)) {
        its.add(tail.poll());
      }
      if (SortKeys.before(from, stop)) {
        parts.add(new Part(tablet, from, stop, its, journals));
        from = stop;
        done = stop.length == 0 || !SortKeys.before(stop, to);
      }
      if (done) {
        break;
      }
    }
    return parts;
  }

  /** Results for the parts that matter, in order, computed side by side ahead of the reader. */
  <T> Stream<T> stream(Predicate<Part> matters, Function<Part, T> read) {
    Iterator<List<Part>> groups =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return !done;
          }

          @Override
          public List<Part> next() {
            if (done) {
              throw new NoSuchElementException();
            }
            return ParallelRanges.this.next();
          }
        };
    return Stream.iterate(groups, Iterator::hasNext, g -> g)
        .flatMap(g -> sideBySide(g.next().stream().filter(matters).toList(), read));
  }

  static <T> Stream<T> sideBySide(List<Part> parts, Function<Part, T> read) {
    return parts.stream().gather(Gatherers.mapConcurrent(AT_ONCE, read));
  }

  /** As many parts as are read at once, taken from the front. */
  static List<Part> some(Deque<Part> parts) {
    List<Part> some = new ArrayList<>();
    while (!parts.isEmpty() && some.size() < AT_ONCE) {
      some.add(parts.poll());
    }
    return some;
  }
}
