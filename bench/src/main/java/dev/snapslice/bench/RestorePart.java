package dev.snapslice.bench;

import static dev.snapslice.bench.Events.START;

import dev.snapslice.core.restore.RestorePlan;
import dev.snapslice.core.restore.RestorePlanner;
import dev.snapslice.core.restore.RestoreRequest;
import dev.snapslice.core.restore.RestoreRequest.Markers;
import dev.snapslice.core.testing.ConsumedCapacity;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.time.Instant;
import java.util.stream.LongStream;

/** The plan to undo 10,000 changes among 1,000,000 keys. */
final class RestorePart {
  private static final int KEYS = 1_000_000;
  private static final int CHANGES = 10_000;

  private final Report report;

  RestorePart(Report report) {
    this.report = report;
  }

  void run() {
    Subject subject = new Subject();
    subject.backfill(IngestBench.listed(KEYS, 1).iterator());
    report.progress("1,000,000 keys are there");
    long from = START + KEYS * 100L;
    Events.batches(
        LongStream.range(0, CHANGES).mapToObj(n -> change(n, from)).iterator(),
        1_000,
        subject::record);
    RestoreRequest request =
        new RestoreRequest.Back(Subject.BUCKET, "", Instant.ofEpochMilli(from), Markers.REMOVE);
    Instant now = Instant.ofEpochMilli(from + CHANGES * 10L);
    ConsumedCapacity.Total before = subject.cost();
    long start = System.nanoTime();
    RestorePlan plan = new RestorePlanner(subject.reader()).plan(request, now);
    double seconds = (System.nanoTime() - start) / 1e9;
    if (plan.counts().steps() != CHANGES) {
      throw new IllegalStateException("the plan is " + plan.counts());
    }
    ConsumedCapacity.Total cost = subject.cost().minus(before);
    String note = "%d changes among %d keys, %d requests".formatted(CHANGES, KEYS, cost.requests());
    report.figure("restore_plan_s", seconds, "s", "<= 10", note);
    report.figure("restore_plan_rcu", cost.reads(), "RCU", "", note);
  }

  /** A third each: overwritten, deleted, added. */
  private static VersionEvent change(long n, long from) {
    long time = from + 1 + n * 10;
    long id = n * (KEYS / CHANGES) + (Events.mix(n) >>> 1) % (KEYS / CHANGES);
    String name = "data/current/object-%07d-of-many.parquet".formatted(id);
    return switch ((int) (n % 3)) {
      case 0 -> Events.put(name, 7, time);
      case 1 -> Events.event(name, 8, time, Kind.MARKER, Source.EVENT);
      default -> Events.put(name + ".new", 1, time);
    };
  }
}
