package dev.snapslice.bench;

import static dev.snapslice.bench.Events.START;

import dev.snapslice.core.index.Lookup;
import dev.snapslice.core.testing.ConsumedCapacity;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** One look-up among 100,000 versions of one key, told by events or listed by backfill. */
final class LookupPart {
  private static final int VERSIONS = 100_000;
  private static final String KEY = "data/current/state.json";
  private static final int LOOKUPS = 200;

  private final Report report;
  private final List<Double> millis = new ArrayList<>();
  private double worst;

  LookupPart(Report report) {
    this.report = report;
  }

  void run() {
    Subject told = new Subject();
    told.backfill(List.<VersionEvent>of().iterator());
    Events.batches(
        LongStream.range(0, VERSIONS).mapToObj(n -> Events.put(KEY, n, START + n * 100)).iterator(),
        100,
        told::record);
    measure(told, "told by events");
    Subject listed = new Subject();
    listed.backfill(
        LongStream.range(0, VERSIONS)
            .map(n -> VERSIONS - 1 - n)
            .mapToObj(n -> Events.event(KEY, n, START + n * 100, Kind.CREATED, Source.LIST))
            .iterator());
    measure(listed, "listed");
    report.figure("lookup_rcu", worst, "RCU", "<= 5", "cold, among 100,000 versions of one key");
    report.figure("lookup_ms_p50", IngestBench.median(millis), "ms", "", "cold");
  }

  private void measure(Subject subject, String how) {
    double most = 0;
    for (int i = 0; i < LOOKUPS; i++) {
      Instant at = Instant.ofEpochMilli(START + 50 + (Events.mix(i) >>> 1) % (VERSIONS * 100L));
      ConsumedCapacity.Total before = subject.cost();
      long start = System.nanoTime();
      Lookup lookup = subject.reader().snapshot(Subject.BUCKET, at).lookup(new ObjectKey(KEY));
      millis.add((System.nanoTime() - start) / 1e6);
      most = Math.max(most, subject.cost().minus(before).reads());
      if (!(lookup instanceof Lookup.Found)) {
        throw new IllegalStateException("found " + lookup);
      }
    }
    report.progress("%s: at most %.1f RCU".formatted(how, most));
    worst = Math.max(worst, most);
  }
}
