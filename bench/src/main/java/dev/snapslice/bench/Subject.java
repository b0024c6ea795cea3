package dev.snapslice.bench;

import dev.snapslice.core.index.MaintenanceOutcome;
import dev.snapslice.core.index.RecordOutcome;
import dev.snapslice.core.index.TabletRef;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.testing.ConsumedCapacity;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.testing.ObservedDynamo;
import dev.snapslice.core.version.VersionEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * An index of one bucket in a table of its own, with a clock that goes by the events, and with the
 * maintenance that its outcomes ask for done when it is due. Everything it does is metered.
 */
final class Subject {
  static final String BUCKET = "bench";

  /** So that the clock, which goes on while a new index settles, is not ahead of the events. */
  private static final Duration ENABLED_BEFORE = Duration.ofMinutes(10);

  private final ConsumedCapacity capacity = new ConsumedCapacity();
  private final DynamoDbClient dynamo = new ObservedDynamo(LocalDynamo.client(), capacity);
  private final String table = LocalDynamo.newIndexTable();
  private final AtomicLong clock = new AtomicLong(Events.START - ENABLED_BEFORE.toMillis());
  private final TimeIndex writer = reader();
  private final Map<TabletRef, Long> due = new HashMap<>();

  Subject() {
    writer.create(BUCKET);
  }

  /** An index that has cached nothing: another process. */
  TimeIndex reader() {
    return new TimeIndex(dynamo, table, () -> Instant.ofEpochMilli(clock.get()));
  }

  String table() {
    return table;
  }

  DynamoDbClient dynamo() {
    return dynamo;
  }

  ConsumedCapacity.Total cost() {
    return capacity.total();
  }

  /** Puts history there at once, as the backfill of a whole bucket does. */
  void backfill(Iterator<VersionEvent> versions) {
    writer.backfill(BUCKET, "", "", versions, checkpoint -> {});
    writer.finishBackfill(BUCKET);
    clock.addAndGet(300_000);
    writer.finishBackfill(BUCKET).forEach(tablet -> due.put(tablet, clock.get()));
    settle();
  }

  /** Records a batch as ingest does, and does the maintenance that is due by then. */
  void record(List<VersionEvent> batch, ToLongFunction<VersionEvent> arrival) {
    batch.forEach(event -> clock.accumulateAndGet(arrival.applyAsLong(event), Math::max));
    recordOnly(batch).maintain().forEach(tablet -> due.put(tablet, clock.get()));
    maintain();
  }

  /** Records a batch and leaves the maintenance to others. */
  RecordOutcome recordOnly(List<VersionEvent> batch) {
    RecordOutcome outcome = writer.record(BUCKET, batch);
    if (!outcome.failed().isEmpty()) {
      throw new IllegalStateException("DynamoDB Local refused a write");
    }
    return outcome;
  }

  void record(List<VersionEvent> batch) {
    record(batch, event -> event.time().toEpochMilli());
  }

  private void maintain() {
    for (TabletRef tablet : List.copyOf(due.keySet())) {
      if (due.get(tablet) <= clock.get()) {
        due.remove(tablet);
        MaintenanceOutcome outcome = writer.maintain(tablet);
        outcome.again().ifPresent(wait -> due.put(tablet, clock.get() + wait.toMillis()));
      }
    }
  }

  /** Lets time pass until no tablet asks for maintenance. */
  void settle() {
    for (int i = 0; i < 1_000 && !due.isEmpty(); i++) {
      clock.addAndGet(11_000);
      maintain();
    }
  }
}
