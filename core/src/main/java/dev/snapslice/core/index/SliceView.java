package dev.snapslice.core.index;

import dev.snapslice.core.version.ObjectKey;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * What arrived in a window: the keys of its last moment whose version was not current at its first.
 */
final class SliceView implements ObjectView {
  private final Parts parts;
  private final String bucket;
  private final long from;
  private final long to;

  SliceView(Parts parts, String bucket, long from, long to) {
    this.parts = parts;
    this.bucket = bucket;
    this.from = from;
    this.to = to;
  }

  @Override
  public Iterator<ListPage> pages(ListRequest request) {
    return new Listing(request, (start, end, expected) -> scan(start, end));
  }

  private Scan scan(byte[] start, byte[] end) {
    Changes changes = new Changes(parts, bucket, from, to);
    return new ChangeScan(changes, new ParallelRanges(parts, bucket, start, end), false);
  }

  @Override
  public Lookup lookup(ObjectKey key) {
    Optional<Row> after = new Snapshot(parts, bucket, to).newest(key);
    if (after.isEmpty() || after.get().isMarker()) {
      return new Lookup.Absent();
    }
    Row row = after.get();
    if (row.time() <= from) {
      Optional<Row> before = new Snapshot(parts, bucket, from).newest(key);
      if (!new Changes.Change(key.value(), before, after, List.of()).differs()) {
        return new Lookup.Absent();
      }
    }
    return Snapshot.lookup(row);
  }

  @Override
  public Summary summary(String prefix) {
    byte[] start = SortKeys.utf8(prefix);
    return Snapshot.count(scan(start, SortKeys.afterPrefix(start)));
  }
}
