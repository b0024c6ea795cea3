package dev.snapslice.bench;

import static dev.snapslice.bench.Events.START;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.snapslice.core.testing.ConsumedCapacity;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** What it costs and how long it takes to get events into the index. */
final class IngestBench implements Benchmark {
  /** As many as SQS hands over at once when it is busy. */
  private static final int BATCH = 1_000;

  private static final int ROUNDS = 5;

  @Override
  public void run(Report report) {
    report.part("ratio", () -> ratio(report));
    report.part("new", () -> newKeys(report));
    report.part("overwrite", () -> overwrite(report));
    report.part("deep", () -> deepTree(report));
    report.part("backfill", () -> backfill(report));
  }

  /** Beside what DynamoDB Local takes of one plain row an event. */
  private static void ratio(Report report) throws IOException {
    int events = 20_000;
    List<Double> ratios = new ArrayList<>();
    List<Double> rates = new ArrayList<>();
    PrintStream console = System.out;
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), true, UTF_8)); // Log lines.
    try {
      for (int round = -1; round < ROUNDS; round++) {
        List<VersionEvent> all =
            LongStream.range(0, events).mapToObj(n -> inFolders(n, 1)).toList();
        List<byte[]> batches = new ArrayList<>();
        Events.batches(all.iterator(), BATCH, some -> batches.add(IngestFunction.batch(some)));
        IngestFunction function = new IngestFunction(Instant.ofEpochMilli(START + events));
        PlainRows plain = new PlainRows(LocalDynamo.client(), LocalDynamo.newIndexTable());
        long before = System.nanoTime();
        plain.write(all);
        long between = System.nanoTime();
        for (byte[] batch : batches) {
          function.handle(batch);
        }
        long after = System.nanoTime();
        if (round >= 0) { // The first round warms up.
          rates.add(events * 1e9 / (after - between));
          ratios.add((double) (between - before) / (after - between));
        }
      }
    } finally {
      System.setOut(console);
    }
    String note = "median of %d rounds, batches of %d messages".formatted(ROUNDS, BATCH);
    report.figure("ingest_ratio", median(ratios), "ratio", ">= 0.6", note);
    report.figure("ingest_events_per_s", median(rates), "events/s", "", note);
  }

  static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private static VersionEvent inFolders(long n, int step) {
    long id = Events.mix(n);
    String key =
        "data/set-%03d/object-%016x.parquet".formatted(Long.remainderUnsigned(id, 100), id);
    return Events.put(key, 1, START + n * step);
  }

  private static void newKeys(Report report) {
    costOf(report, "ingest_wcu_per_event", "<= 1.4", 200_000, BATCH, n -> inFolders(n, 1));
    costOf(report, "ingest_wcu_per_event_by_10", "", 10_000, 10, n -> inFolders(n, 100));
  }

  private static void overwrite(Report report) {
    int keys = 2_000;
    int all = 100 * keys;
    costOf(report, "overwrite_wcu_per_event", "<= 1.6", all, BATCH, n -> again(n, keys, 1));
    costOf(report, "overwrite_wcu_per_event_by_10", "", all / 10, 10, n -> again(n, keys, 100));
  }

  private static VersionEvent again(long n, int keys, int step) {
    String key = "data/current/object-%06d-of-many.parquet".formatted(spread(n, keys));
    return Events.put(key, n / keys, START + n * step);
  }

  /** Each of {@code keys} once in each round, in an order that looks random. */
  static long spread(long n, int keys) {
    return (n % keys * 1_999 + n / keys * 577) % keys;
  }

  private static void deepTree(Report report) {
    LongFunction<VersionEvent> event =
        n -> {
          long id = Events.mix(n);
          String hex = "%016x".formatted(id);
          String key =
              "%s/%s/%s/%s/%s/object-%s"
                  .formatted(
                      hex.substring(0, 1),
                      hex.substring(1, 2),
                      hex.substring(2, 3),
                      hex.substring(3, 4),
                      hex.substring(4, 5),
                      hex.substring(5));
          return Events.put(key, 1, START + n);
        };
    costOf(report, "deep_tree_wcu_per_event", "", 100_000, BATCH, event);
  }

  private static void costOf(
      Report report,
      String name,
      String goal,
      int events,
      int batch,
      LongFunction<VersionEvent> event) {
    Subject subject = new Subject();
    subject.backfill(List.<VersionEvent>of().iterator());
    ConsumedCapacity.Total before = subject.cost();
    Iterator<VersionEvent> all = LongStream.range(0, events).mapToObj(event).iterator();
    Events.batches(all, batch, subject::record);
    subject.settle();
    ConsumedCapacity.Total cost = subject.cost().minus(before);
    String note =
        "%d events in batches of %d: %.0f WCU, %.0f RCU"
            .formatted(events, batch, cost.writes(), cost.reads());
    report.figure(name, cost.asWrites() / events, "WCU", goal, note);
  }

  private static void backfill(Report report) {
    double worst = 0;
    for (int versions : new int[] {1, 10, 100}) {
      int keys = 100_000 / versions;
      Subject subject = new Subject();
      ConsumedCapacity.Total before = subject.cost();
      subject.backfill(listed(keys, versions).iterator());
      double each = subject.cost().minus(before).asWrites() / (keys * versions);
      String note = "%d keys, listed with %d versions each".formatted(keys, versions);
      report.figure("backfill_wcu_per_version_%d".formatted(versions), each, "WCU", "", note);
      worst = Math.max(worst, each);
    }
    report.figure("backfill_wcu_per_version", worst, "WCU", "<= 0.4", "the worst of these");
  }

  /** What S3 lists of keys that were overwritten in turn: by key, newest first. */
  static Stream<VersionEvent> listed(int keys, int versions) {
    return IntStream.range(0, keys)
        .boxed()
        .flatMap(key ->
            IntStream.range(0, versions)
                .mapToObj(v -> {
                  long n = versions - 1L - v;
                  long time = START + (n * keys + key) * 100;
                  String name = "data/current/object-%07d-of-many.parquet".formatted(key);
                  return Events.event(name, n, time, Kind.CREATED, Source.LIST);
                }));
  }
}
