package dev.snapslice.bench;

import static dev.snapslice.bench.Events.START;

import dev.snapslice.core.index.ListPage;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.testing.ConsumedCapacity;
import java.time.Instant;
import java.util.stream.LongStream;

/** A slice of 100 new keys in a folder of 200,000. */
final class SlicePart {
  private static final int KEYS = 200_000;
  private static final int NEW = 100;

  private final Report report;

  SlicePart(Report report) {
    this.report = report;
  }

  void run() {
    Subject subject = new Subject();
    subject.backfill(IngestBench.listed(KEYS, 1).iterator());
    long from = START + KEYS * 100L;
    Events.batches(
        LongStream.range(0, NEW)
            .mapToObj(n -> {
              long key = Events.mix(n) >>> 44;
              String name = "data/current/object-%07d-is-new.parquet".formatted(key % KEYS);
              return Events.put(name, 1, from + 1 + n * 1_000);
            })
            .iterator(),
        10,
        subject::record);
    measure(subject, from, "slice_rcu", "<= 150", "100 new keys among 200,000, just arrived");
    Events.batches(
        LongStream.range(0, 100_000)
            .mapToObj(n -> {
              String name =
                  "data/current/object-%07d-later.parquet".formatted(Events.mix(n) >>> 45);
              return Events.put(name, 1, from + 1_000_000 + n * 10);
            })
            .iterator(),
        1_000,
        subject::record);
    subject.settle();
    measure(subject, from, "slice_rcu_later", "", "the same, 100,000 events later");
  }

  private void measure(Subject subject, long from, String name, String goal, String note) {
    Instant a = Instant.ofEpochMilli(from);
    Instant b = Instant.ofEpochMilli(from + NEW * 1_000L);
    ListRequest request =
        new ListRequest("data/current/", "/", ListRequest.recursive("").cursor(), 1_000);
    ConsumedCapacity.Total before = subject.cost();
    ListPage page = subject.reader().slice(Subject.BUCKET, a, b).list(request);
    ConsumedCapacity.Total cost = subject.cost().minus(before);
    String all = "%s; %d requests".formatted(note, cost.requests());
    report.figure(name, cost.reads(), "RCU", goal, all);
    if (page.items().size() != NEW) {
      throw new IllegalStateException("the slice shows %d keys".formatted(page.items().size()));
    }
  }
}
