package dev.snapslice.core.index;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Gatherers;
import java.util.stream.Stream;

/** A range of keys cut where tablets begin, so that its parts can be read side by side. */
final class ParallelRanges {
  private static final int AT_ONCE = 16;

  private final List<Part> parts;

  /** Keys in [from, to); {@code to} empty: to the end. */
  record Part(byte[] from, byte[] to) {}

  private ParallelRanges(List<Part> parts) {
    this.parts = parts;
  }

  static ParallelRanges of(Parts index, String bucket, byte[] from, byte[] to) {
    List<Part> parts = new ArrayList<>();
    for (Tablet tablet : index.directory().covering(bucket, from, to)) {
      byte[] start = Arrays.compareUnsigned(tablet.from(), from) < 0 ? from : tablet.from();
      parts.add(new Part(start, SortKeys.leastEnd(tablet.to(), to)));
    }
    return new ParallelRanges(parts);
  }

  int size() {
    return parts.size();
  }

  /** As many parts as are read at once, from one on. */
  List<Part> some(int first) {
    return parts.subList(first, Math.min(first + AT_ONCE, parts.size()));
  }

  /** Whether a part holds a position or something after it. */
  boolean reaches(int part, byte[] position) {
    return SortKeys.before(position, parts.get(part).to());
  }

  Stream<Part> sequential() {
    return parts.stream();
  }

  <T> Stream<T> stream(Function<Part, T> read) {
    return stream(parts, read);
  }

  /**
   * Results in the order of the parts, computed on virtual threads a few parts ahead of the reader.
   */
  static <T> Stream<T> stream(List<Part> parts, Function<Part, T> read) {
    return parts.stream().gather(Gatherers.mapConcurrent(AT_ONCE, read));
  }
}
