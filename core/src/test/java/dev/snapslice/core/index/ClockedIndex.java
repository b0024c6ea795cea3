package dev.snapslice.core.index;

import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.testing.ObservedDynamo;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** An index of one bucket in a table of its own, with a clock that the test sets. */
final class ClockedIndex {
  static final String BUCKET = "films";
  static final long START = Instant.parse("2026-11-01T00:00:00Z").toEpochMilli();

  final AtomicLong clock = new AtomicLong(START);
  final TimeIndex index;
  private long told;

  ClockedIndex() {
    this(Limits.PRODUCTION, (request, send) -> send.get());
  }

  /** With an observer of all that it asks DynamoDB for; the bucket's backfill is to be finished. */
  ClockedIndex(Limits limits, ObservedDynamo.Observer observer) {
    index =
        new TimeIndex(
            new ObservedDynamo(LocalDynamo.client(), observer),
            LocalDynamo.newIndexTable(),
            () -> Instant.ofEpochMilli(clock.get()),
            limits);
    index.create(BUCKET);
  }

  /** An empty bucket whose history begins now. */
  static ClockedIndex ofEmptyBucket() {
    ClockedIndex clocked = new ClockedIndex();
    clocked.index.finishBackfill(BUCKET);
    return clocked;
  }

  void record(List<VersionEvent> events) {
    for (VersionEvent event : events) {
      clock.accumulateAndGet(event.time().toEpochMilli(), Math::max);
    }
    RecordOutcome outcome = index.record(BUCKET, events);
    if (!outcome.failed().isEmpty()) {
      throw new IllegalStateException("DynamoDB Local refused a write");
    }
  }

  /** One round of maintenance over all tablets; the sum of what they did. */
  MaintenanceOutcome maintain() {
    int folded = 0;
    int duplicates = 0;
    boolean again = false;
    for (TabletRef tablet : index.tablets(BUCKET)) {
      MaintenanceOutcome outcome = index.maintain(tablet);
      folded += outcome.folded();
      duplicates += outcome.duplicates();
      again |= outcome.again().isPresent();
    }
    Optional<Duration> when = again ? Optional.of(Compaction.PROPAGATION) : Optional.empty();
    return new MaintenanceOutcome(folded, duplicates, when);
  }

  /** Lets time pass until no tablet asks for maintenance; the sum of what was done. */
  MaintenanceOutcome settle() {
    int folded = 0;
    int duplicates = 0;
    MaintenanceOutcome outcome;
    do {
      clock.addAndGet(11_000);
      outcome = maintain();
      folded += outcome.folded();
      duplicates += outcome.duplicates();
    } while (outcome.again().isPresent());
    return new MaintenanceOutcome(folded, duplicates, Optional.empty());
  }

  /** {@code key=version} of all that was there at a moment, in key order. */
  List<String> listed(long at) {
    return listed(index.snapshot(BUCKET, Instant.ofEpochMilli(at)));
  }

  static List<String> listed(ObjectView view) {
    List<String> all = new ArrayList<>();
    Optional<Cursor> next = Optional.of(Cursor.START);
    while (next.isPresent()) {
      ListPage page = view.list(new ListRequest("", "", next.get(), 100));
      for (ListItem item : page.items()) {
        var version = ((ListItem.Entry) item).version();
        all.add(version.key().value() + "=" + version.versionId());
      }
      next = page.next();
    }
    return all;
  }

  /** What a key was at a moment: the version's id, or the kind of answer. */
  String lookedUp(String key, long at) {
    return switch (index.snapshot(BUCKET, Instant.ofEpochMilli(at)).lookup(new ObjectKey(key))) {
      case Lookup.Found found -> found.version().versionId();
      case Lookup.Deleted deleted -> "deleted";
      case Lookup.Purged purged -> "purged";
      case Lookup.Absent absent -> "absent";
    };
  }

  VersionEvent created(String key, String version, long time) {
    return event(key, version, Kind.CREATED, time, Source.EVENT);
  }

  /** An event whose sequencer is after those of all events made before. */
  VersionEvent event(String key, String version, Kind kind, long time, Source source) {
    return new VersionEvent(
        new ObjectKey(key),
        version,
        kind,
        Instant.ofEpochMilli(time),
        source == Source.LIST ? "" : "%016X".formatted(++told),
        kind == Kind.CREATED ? "%032x".formatted(version.hashCode()) : "",
        kind == Kind.CREATED ? 1 : 0,
        source);
  }
}
