package dev.snapslice.ingest;

import dev.snapslice.core.bucket.Amendment;
import dev.snapslice.core.bucket.Amendments;
import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.index.RecordOutcome;
import dev.snapslice.core.index.TabletRef;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.install.Lazy;
import dev.snapslice.core.task.MaintenanceTask;
import dev.snapslice.core.version.VersionEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the facts of a batch of messages into the index, bucket by bucket and with all facts of a
 * bucket at once, so that the index can write those of one tablet together. Thread-safe.
 *
 * <p>A message is done when all its facts are durable, and nothing else of the batch decides about
 * it. Facts may come again, in any order: the index knows them.
 *
 * <p>Facts about a bucket that has no index are acknowledged, counted and not kept: only registered
 * buckets were told to send events, and where disabling leaves an index, late events still go into
 * it.
 */
public final class Recorder {
  private static final Logger log = LoggerFactory.getLogger(Recorder.class);

  /**
   * What a bucket's write may take, with DynamoDB's client trying again: nothing is sent that the
   * function's timeout could freeze half-way and thaw into a later invocation.
   */
  static final Duration ENOUGH_TIME = Duration.ofSeconds(10);

  private final TimeIndex index;
  private final BucketCatalog catalog;
  private final Amendments amendments;
  private final Supplier<Optional<Instant>> shownThrough;
  private final Consumer<MaintenanceTask> tasks;
  private final InstantSource clock;
  private final Set<String> indexed = ConcurrentHashMap.newKeySet();

  /**
   * A recorder.
   *
   * @param shownThrough indexed-through as readers have seen it (see {@code IndexHealth})
   * @param tasks takes requests for maintenance
   */
  public Recorder(
      TimeIndex index,
      BucketCatalog catalog,
      Amendments amendments,
      Supplier<Optional<Instant>> shownThrough,
      Consumer<MaintenanceTask> tasks,
      InstantSource clock) {
    this.index = index;
    this.catalog = catalog;
    this.amendments = amendments;
    this.shownThrough = shownThrough;
    this.tasks = tasks;
    this.clock = clock;
  }

  /** A fact, and the messages that told it. */
  private record Facts(Map<VersionEvent, List<String>> messages) {
    void add(VersionEvent event, String message) {
      messages.computeIfAbsent(event, e -> new ArrayList<>()).add(message);
    }

    List<VersionEvent> events() {
      return List.copyOf(messages.keySet());
    }

    /** The messages that have to come again if these facts are not durable. */
    List<String> of(List<VersionEvent> events) {
      return events.stream().flatMap(event -> messages.get(event).stream()).toList();
    }
  }

  /**
   * Records a batch.
   *
   * @param remaining how long the function may still run
   * @param tally told what becomes of the events
   * @return the ids of the messages that have to come again
   */
  Set<String> record(List<Message> batch, Supplier<Duration> remaining, Tally tally) {
    Set<String> failed = new HashSet<>();
    Map<String, Facts> byBucket = new LinkedHashMap<>();
    for (Message message : batch) {
      try {
        sort(message, byBucket, tally);
      } catch (MalformedMessageException e) {
        log.atWarn().addKeyValue("message_id", message.id()).log("malformed: {}", e.getMessage());
        tally.malformed();
        failed.add(message.id());
      }
    }
    Lazy<Optional<Instant>> shown = new Lazy<>(shownThrough);
    byBucket.forEach((bucket, facts) -> {
      List<VersionEvent> lost = List.of();
      try {
        if (isIndexed(bucket)) {
          lost = write(bucket, facts.events(), shown, remaining, tally);
        } else {
          tally.unregistered(facts.events().size());
        }
      } catch (RuntimeException e) {
        log.atError().addKeyValue("bucket", bucket).setCause(e).log("not recorded");
        lost = facts.events();
      }
      tally.failed(lost.size());
      failed.addAll(facts.of(lost));
    });
    return failed;
  }

  private static void sort(Message message, Map<String, Facts> byBucket, Tally tally) {
    for (Parsed parsed : S3Message.parse(message.body())) {
      switch (parsed) {
        case Parsed.Fact fact ->
            byBucket
                .computeIfAbsent(fact.bucket(), b -> new Facts(new LinkedHashMap<>()))
                .add(fact.event(), message.id());
        case Parsed.Ignored ignored -> {
          log.debug("ignored: {}", ignored.name());
          tally.ignored();
        }
      }
    }
  }

  /** Once there is an index it stays. That there is none is asked again with every batch. */
  private boolean isIndexed(String bucket) {
    if (indexed.contains(bucket)) {
      return true;
    }
    if (index.exists(bucket)) {
      indexed.add(bucket);
      return true;
    }
    Optional<Bucket> registered = catalog.get(bucket);
    if (registered.filter(b -> b.status() != Bucket.Status.DISABLED).isPresent()) {
      throw new IllegalStateException("bucket '" + bucket + "' is about to get its index");
    }
    return false;
  }

  /** Returns the facts that are not durable. */
  private List<VersionEvent> write(
      String bucket,
      List<VersionEvent> events,
      Supplier<Optional<Instant>> shownBefore,
      Supplier<Duration> remaining,
      Tally tally) {
    if (remaining.get().compareTo(ENOUGH_TIME) < 0) {
      log.atWarn().addKeyValue("bucket", bucket).log("no time is left to record");
      return events;
    }
    // Before the facts are written, since indexed-through may pass them while they are.
    Optional<Instant> shown = shownBefore.get();
    RecordOutcome outcome = index.record(bucket, events);
    Instant arrival = clock.instant();
    Set<VersionEvent> lost = new HashSet<>(outcome.failed());
    List<VersionEvent> durable = events.stream().filter(event -> !lost.contains(event)).toList();
    List<Amendment> late =
        durable.stream()
            .filter(event -> isLate(event, shown))
            .map(event -> Amendment.of(event, arrival))
            .toList();
    if (!late.isEmpty()) {
      // If this fails, the facts come again, are late again, and change the index no more.
      amendments.record(bucket, late);
    }
    durable.forEach(event -> tally.recorded(event.time(), arrival, isLate(event, shown)));
    outcome.maintain().forEach(this::askForMaintenance);
    return List.copyOf(lost);
  }

  private static boolean isLate(VersionEvent event, Optional<Instant> shown) {
    return shown.filter(through -> !event.time().isAfter(through)).isPresent();
  }

  /** May fail: the facts are durable, and a later batch or the schedule asks again. */
  private void askForMaintenance(TabletRef tablet) {
    try {
      tasks.accept(new MaintenanceTask.Maintain(tablet));
    } catch (RuntimeException e) {
      log.atWarn().addKeyValue("bucket", tablet.bucket()).setCause(e).log("maintenance not asked");
    }
  }
}
