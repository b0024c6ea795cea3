package dev.snapslice.core.index;

import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import java.util.List;
import java.util.Optional;

/** A bucket as it was at one moment. */
final class Snapshot implements ObjectView {
  private static final int WALK = 8_000;

  private final Parts parts;
  private final String bucket;
  private final long moment;

  Snapshot(Parts parts, String bucket, long moment) {
    this.parts = parts;
    this.bucket = bucket;
    this.moment = moment;
  }

  @Override
  public ListPage list(ListRequest request) {
    return Listing.page(request, this::scan);
  }

  private Scan scan(byte[] from, byte[] to, int expected) {
    return new SnapshotScan(parts, bucket, moment, from, to, expected);
  }

  @Override
  public Lookup lookup(ObjectKey key) {
    return newest(key).map(Snapshot::lookup).orElseGet(Lookup.Absent::new);
  }

  Optional<Row> newest(ObjectKey key) {
    byte[] position = key.bytes();
    Area area = Area.at(parts, bucket, moment, position, SortKeys.after(position));
    if (area.facts().isEmpty()) {
      List<Row> latest = area.segment().delta().latest(position, moment);
      Optional<Row> newest = KeyFacts.newest(latest, moment).filter(row -> !row.isRemoval());
      if (newest.isPresent()) {
        return newest;
      }
    }
    List<Row> stored = area.segment().rowsOf(key.value());
    return area.newest(parts, key.value(), stored);
  }

  static Lookup lookup(Row row) {
    Version version = row.version();
    if (row.isMarker()) {
      return new Lookup.Deleted(version);
    }
    return version
        .removed()
        .<Lookup>map(at -> new Lookup.Purged(version, at))
        .orElseGet(() -> new Lookup.Found(version));
  }

  @Override
  public Summary summary(String prefix) {
    byte[] from = SortKeys.utf8(prefix);
    byte[] to = SortKeys.afterPrefix(from);
    return new ParallelRanges(parts, bucket, from, to)
        .stream(range -> true, range -> count(scan(range.from(), range.to(), WALK)))
            .reduce(new Summary(0, 0, 0), Summary::plus);
  }

  static Summary count(Scan scan) {
    long objects = 0;
    long bytes = 0;
    long purged = 0;
    for (Optional<Row> row = scan.next(); row.isPresent(); row = scan.next()) {
      objects++;
      bytes += row.get().size();
      purged += row.get().removed() == Row.NEVER ? 0 : 1;
    }
    return new Summary(objects, bytes, purged);
  }
}
