package dev.snapslice.core.index;

import dev.snapslice.core.index.Changes.Change;
import dev.snapslice.core.index.ParallelRanges.Part;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Walks the keys that changed in a window, in order, a few tablets at a time. Not thread-safe. */
final class ChangeScan implements Scan {
  private final Changes changes;
  private final boolean needBefore;
  private final ParallelRanges ranges;
  private final Deque<Change> ready = new ArrayDeque<>();
  private final Deque<Part> waiting = new ArrayDeque<>();
  private boolean done;

  ChangeScan(Changes changes, ParallelRanges ranges, boolean needBefore) {
    this.changes = changes;
    this.ranges = ranges;
    this.needBefore = needBefore;
  }

  Optional<Change> nextChange() {
    while (ready.isEmpty() && !done) {
      if (waiting.isEmpty()) {
        List<Part> group = ranges.next();
        done = group.isEmpty();
        group.stream().filter(changes::mayBeIn).forEach(waiting::add);
      }
      ParallelRanges.sideBySide(ParallelRanges.some(waiting), part -> changes.in(part, needBefore))
          .forEach(ready::addAll);
    }
    return Optional.ofNullable(ready.poll());
  }

  /** The keys that the second snapshot contains: those of a slice. */
  @Override
  public Optional<Row> next() {
    for (Optional<Change> change = nextChange(); change.isPresent(); change = nextChange()) {
      if (change.get().after().isPresent()) {
        return change.get().after();
      }
    }
    return Optional.empty();
  }

  /** Reads a few tablets at a time, however many are wanted. */
  @Override
  public void expect(int keys) {}

  @Override
  public void skipTo(byte[] position) {
    while (!ready.isEmpty()
        && Arrays.compareUnsigned(SortKeys.utf8(ready.peek().key()), position) < 0) {
      ready.poll();
    }
    if (ready.isEmpty()) {
      while (!waiting.isEmpty() && !SortKeys.before(position, waiting.peek().to())) {
        waiting.poll();
      }
      ranges.skipTo(position);
    }
  }
}
