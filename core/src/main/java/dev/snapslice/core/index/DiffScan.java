package dev.snapslice.core.index;

import dev.snapslice.core.index.Changes.Change;
import dev.snapslice.core.version.ObjectKey;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;

/** The keys that differ between two snapshots, in key order. Not thread-safe. */
final class DiffScan implements Iterator<DiffEntry> {
  private final ChangeScan scan;
  private Optional<Change> next;

  DiffScan(Parts parts, String bucket, long from, long to, String prefix, Cursor cursor) {
    byte[] prefixBytes = SortKeys.utf8(prefix);
    byte[] start = Listing.start(prefixBytes, cursor);
    ParallelRanges ranges =
        new ParallelRanges(parts, bucket, start, SortKeys.afterPrefix(prefixBytes));
    this.scan = new ChangeScan(new Changes(parts, bucket, from, to), ranges, true);
    this.next = scan.nextChange();
  }

  @Override
  public boolean hasNext() {
    return next.isPresent();
  }

  @Override
  public DiffEntry next() {
    Change change = next.orElseThrow(NoSuchElementException::new);
    next = scan.nextChange();
    return new DiffEntry(
        new ObjectKey(change.key()),
        change.before().map(change::withRemoval).map(Row::version),
        change.after().map(Row::version),
        KeyFacts.resolve(change.facts()).reversed().stream().map(Row::version).toList());
  }
}
