package dev.snapslice.core.index;

import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import dev.snapslice.core.version.VersionEvent.Source;
import java.util.ArrayList;
import java.util.Iterator;
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
  public Iterator<ListPage> pages(ListRequest request) {
    return new Listing(request, this::scan);
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
    List<Row> waiting = area.facts().getOrDefault(key.value(), List.of());
    Optional<List<Row>> page = area.segment().delta().latest(position, moment);
    Optional<Row> latest = latest(page.orElse(List.of()), waiting);
    if (latest.isPresent()) {
      return latest;
    }
    boolean older = page.filter(List::isEmpty).isPresent();
    List<Row> stored =
        older && waiting.stream().allMatch(Snapshot::onlyAdds)
            ? area.segment().base().at(position)
            : area.segment().rowsOf(key.value());
    return area.newest(parts, key.value(), stored);
  }

  /**
   * The newest version, from the page where it is and the key's facts in the tail; empty where that
   * is not certain. What lies in older pages matters only if something was taken away.
   */
  private Optional<Row> latest(List<Row> page, List<Row> waiting) {
    if (KeyFacts.newest(page, moment).filter(row -> !row.isRemoval()).isEmpty()) {
      return Optional.empty();
    }
    List<Row> facts = new ArrayList<>(page);
    facts.addAll(waiting);
    return KeyFacts.newest(KeyFacts.resolve(facts), moment)
        .filter(newest -> waiting.stream().allMatch(fact -> takesNothing(fact, newest)));
  }

  private boolean takesNothing(Row fact, Row newest) {
    return fact.time() > moment ? !fact.versionId().equals(newest.versionId()) : onlyAdds(fact);
  }

  private static boolean onlyAdds(Row fact) {
    return fact.source() == Source.EVENT && !fact.isRemoval() && !fact.isNull();
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
