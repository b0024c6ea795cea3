package dev.snapslice.bench;

import static dev.snapslice.bench.Events.START;

import dev.snapslice.core.index.Cursor;
import dev.snapslice.core.index.ListPage;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.testing.ConsumedCapacity;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.testing.ObservedDynamo;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A folder of 2,000 keys that are overwritten up to 1,000 times: what a request of 1,000 entries
 * costs at several moments, for histories that arrived in order, shuffled, or by backfill alone.
 */
final class HistoriesPart {
  private static final int KEYS = 2_000;
  private static final int[] VERSIONS = {1, 10, 100, 1_000};
  private static final int[] PERCENT = {5, 50, 95, 100};
  private static final long STEP = 2_000;
  private static final int HOUR = 3_600_000;
  private static final int BATCH = 2_000;

  /** The last events before a measurement come as they do at such a rate: one by one. */
  private static final int LAST = 300;

  /** Keys that the naive way is measured with: its cost is proportional to them. */
  private static final int NAIVE_KEYS = 100;

  private final Report report;
  private double worst;
  private double worstRatio;
  private final Map<String, Double> atOneVersion = new TreeMap<>();
  private final List<Double> millis = new ArrayList<>();

  HistoriesPart(Report report) {
    this.report = report;
  }

  void run() throws Exception {
    try (ExecutorService arrivals = Executors.newFixedThreadPool(2)) {
      Future<?> shuffled =
          arrivals.submit(() ->
              live(
                  "shuffled",
                  event ->
                      event.time().toEpochMilli()
                          + Math.floorMod(Events.mix(event.hashCode()), HOUR)));
      Future<?> inOrder =
          arrivals.submit(() -> live("in order", event -> event.time().toEpochMilli()));
      Future<?> backfilled = arrivals.submit(this::backfilled);
      inOrder.get();
      backfilled.get();
      shuffled.get();
    }
    report.figure(
        "listing_rcu_per_1000_max", worst, "RCU", "<= 18", "cold, three arrivals, four T");
    report.figure(
        "listing_rcu_ratio_1000", worstRatio, "ratio", "<= 1.5", "max over arrivals and T");
    report.figure("listing_ms_p50", IngestBench.median(millis), "ms", "", "of all of these");
    naive();
  }

  private void backfilled() {
    for (int versions : VERSIONS) {
      Subject subject = new Subject();
      subject.backfill(listed(versions));
      measure(subject, "backfilled", versions);
    }
  }

  private static String key(long key) {
    return "data/current/object-%06d-of-many.parquet".formatted(key);
  }

  private static long time(long n) {
    return START + n * STEP;
  }

  private static VersionEvent event(long n) {
    return Events.put(key(IngestBench.spread(n, KEYS)), n / KEYS, time(n));
  }

  /** The history grows, and is measured when each key has so many versions. */
  private void live(String arrival, ToLongFunction<VersionEvent> arrives) {
    Subject subject = new Subject();
    subject.backfill(List.<VersionEvent>of().iterator());
    long told = 0;
    for (int versions : VERSIONS) {
      long until = (versions + 1L) * KEYS;
      Iterator<VersionEvent> events = arriving(told, until, arrives);
      List<VersionEvent> last = new ArrayList<>();
      for (long left = until - told; events.hasNext(); left -= BATCH) {
        List<VersionEvent> batch = new ArrayList<>();
        while (events.hasNext() && batch.size() < BATCH && left - batch.size() > LAST) {
          batch.add(events.next());
        }
        if (batch.isEmpty()) {
          events.forEachRemaining(last::add);
        } else {
          subject.record(batch, arrives);
        }
      }
      last.forEach(event -> subject.record(List.of(event), arrives));
      told = until;
      measure(subject, arrival, versions);
    }
  }

  /** Events in the order in which they arrive, not more than an hour late. */
  private static Iterator<VersionEvent> arriving(
      long from, long until, ToLongFunction<VersionEvent> arrives) {
    record Waiting(VersionEvent event, long arrival) {}
    PriorityQueue<Waiting> waiting =
        new PriorityQueue<>(Comparator.comparingLong(Waiting::arrival));
    return LongStream.rangeClosed(from, until)
        .boxed()
        .flatMap(n -> {
          List<VersionEvent> due = new ArrayList<>();
          while (!waiting.isEmpty() && (n == until || waiting.peek().arrival() < time(n))) {
            due.add(waiting.poll().event());
          }
          if (n < until) {
            VersionEvent event = event(n);
            waiting.add(new Waiting(event, arrives.applyAsLong(event)));
          }
          return due.stream();
        })
        .iterator();
  }

  /** The same history as S3 lists it: by key, newest first. */
  private static Iterator<VersionEvent> listed(int versions) {
    int[] first = new int[KEYS];
    for (int n = 0; n < KEYS; n++) {
      first[(int) IngestBench.spread(n, KEYS)] = n;
    }
    int inverse = first[1];
    return IntStream.range(0, KEYS)
        .boxed()
        .flatMap(key ->
            LongStream.rangeClosed(0, versions)
                .mapToObj(v -> {
                  long round = versions - v;
                  long place = Math.floorMod(first[key] - round * 577 % KEYS * inverse, KEYS);
                  long time = time(round * KEYS + place);
                  return Events.event(key(key), round, time, Kind.CREATED, Source.LIST);
                }))
        .iterator();
  }

  private synchronized void measure(Subject subject, String arrival, int versions) {
    for (int percent : PERCENT) {
      Instant at = Instant.ofEpochMilli(time(KEYS + (long) versions * KEYS * percent / 100));
      double most = 0;
      Cursor cursor = Cursor.START;
      for (int page = 0; page < 2; page++) {
        ListRequest request = new ListRequest("data/current/", "/", cursor, 1_000);
        ConsumedCapacity.Total before = subject.cost();
        long start = System.nanoTime();
        ListPage answer = subject.reader().snapshot(Subject.BUCKET, at).list(request);
        millis.add((System.nanoTime() - start) / 1e6);
        most = Math.max(most, subject.cost().minus(before).reads());
        if (answer.items().size() != 1_000) {
          throw new IllegalStateException("listed %d entries".formatted(answer.items().size()));
        }
        cursor = answer.next().orElse(Cursor.START);
      }
      report.progress(
          "%s, %d versions, at %d %%: %.1f RCU".formatted(arrival, versions, percent, most));
      worst = Math.max(worst, most);
      String moment = arrival + percent;
      atOneVersion.putIfAbsent(moment, most);
      if (versions == 1_000) {
        worstRatio = Math.max(worstRatio, most / atOneVersion.get(moment));
      }
    }
  }

  private void naive() {
    double ratio = 0;
    double one = 0;
    ConsumedCapacity capacity = new ConsumedCapacity();
    PlainRows rows =
        new PlainRows(
            new ObservedDynamo(LocalDynamo.client(), capacity), LocalDynamo.newIndexTable());
    for (int versions : new int[] {1, 1_000}) {
      for (int n = versions == 1 ? 0 : 2; n <= versions; n++) {
        long version = n;
        rows.write(
            IntStream.range(0, NAIVE_KEYS)
                .mapToObj(k -> Events.put(key(k), version, time(version * KEYS + k)))
                .toList());
      }
      double before = capacity.total().reads();
      rows.at(Long.MAX_VALUE);
      double read = capacity.total().reads() - before;
      one = versions == 1 ? read : one;
      ratio = read / one;
    }
    String note = "reads all versions of %d keys, keeps the newest".formatted(NAIVE_KEYS);
    report.figure("naive_rcu_ratio_1000", ratio, "ratio", "", note);
  }
}
