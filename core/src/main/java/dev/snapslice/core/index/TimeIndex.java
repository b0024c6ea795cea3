package dev.snapslice.core.index;

import dev.snapslice.core.index.Tail.Filing;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import dev.snapslice.core.version.VersionEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * The time index of all buckets: record facts, read views, keep it packed. Thread-safe; one per
 * process.
 */
public final class TimeIndex {
  /** About how often a tablet is looked at until its tail is long enough to be folded. */
  private static final int LOOKS = 4;

  private final Parts parts;

  public TimeIndex(DynamoDbClient dynamo, String table, InstantSource clock) {
    this(dynamo, table, clock, Limits.PRODUCTION);
  }

  TimeIndex(DynamoDbClient dynamo, String table, InstantSource clock, Limits limits) {
    this.parts = Parts.of(new IndexTable(dynamo, table), clock, limits);
  }

  /**
   * Prepares an empty index for a bucket. Until {@link #finishBackfill} its history counts as
   * incomplete.
   */
  public void create(String bucket) {
    parts.directory().create(bucket, UUID.randomUUID().toString());
  }

  /** Whether {@link #create} was called for the bucket. */
  public boolean exists(String bucket) {
    return parts.directory().exists(bucket);
  }

  /**
   * Makes facts durable: after this returns, those not among the failed ones are visible to every
   * reader.
   */
  public RecordOutcome record(String bucket, List<VersionEvent> events) {
    long routed = parts.clock().millis();
    Map<String, Filing> byTablet = new LinkedHashMap<>();
    Map<Row, List<VersionEvent>> sources = new LinkedHashMap<>();
    for (VersionEvent event : events) {
      Row row = Row.of(event);
      Tablet tablet = parts.directory().route(bucket, SortKeys.utf8(row.key()));
      byTablet
          .computeIfAbsent(tablet.id(), id -> new Filing(tablet, new ArrayList<>()))
          .rows()
          .add(row);
      sources.computeIfAbsent(row, r -> new ArrayList<>()).add(event);
    }
    List<Filing> chunks = new ArrayList<>();
    Set<TabletRef> maintain = new HashSet<>();
    for (Filing filing : byTablet.values()) {
      chunks.addAll(Tail.chunks(filing.tablet(), filing.rows()));
      long every = Math.max(1, parts.limits().tail(filing.tablet().live()) / LOOKS);
      if (Math.floorMod(filing.rows().hashCode(), every) < filing.rows().size()) {
        maintain.add(TabletRef.of(filing.tablet()));
      }
    }
    if (parts.clock().millis() - routed > Directory.ROUTE_AGE.toMillis()) {
      return record(bucket, events); // Frozen meanwhile: the tablets may have been split.
    }
    List<VersionEvent> failed = new ArrayList<>();
    for (Filing lost : parts.tail().write(bucket, chunks)) {
      lost.rows().forEach(row -> failed.addAll(sources.get(row)));
    }
    return new RecordOutcome(failed, maintain);
  }

  public ObjectView snapshot(String bucket, Instant at) {
    return new Snapshot(parts, bucket, at.toEpochMilli());
  }

  /** What a reader of {@code from} has to read to know {@code to}, deletions aside. */
  public ObjectView slice(String bucket, Instant from, Instant to) {
    return new SliceView(parts, bucket, from.toEpochMilli(), to.toEpochMilli());
  }

  /**
   * The keys that differ between two snapshots, in key order, lazily: costs what changed, not what
   * there is.
   */
  public Iterator<DiffEntry> diff(
      String bucket, Instant from, Instant to, String prefix, Cursor cursor) {
    return new DiffScan(parts, bucket, from.toEpochMilli(), to.toEpochMilli(), prefix, cursor);
  }

  /** Every known version of a key, newest first. */
  public List<Version> history(String bucket, ObjectKey key) {
    return new History(parts, bucket).of(key);
  }

  /**
   * Every known version of the keys after {@code after} below a prefix, in key order, newest first
   * within a key.
   */
  public Iterator<Version> versions(String bucket, String prefix, String after) {
    return new History(parts, bucket).below(prefix, after);
  }

  /**
   * What happened in (from, to], in intervals of {@code resolution}; intervals without events are
   * left out.
   */
  public List<TimelineBucket> timeline(
      String bucket, Instant from, Instant to, Duration resolution) {
    return new History(parts, bucket)
        .timeline(from.toEpochMilli(), to.toEpochMilli(), resolution.toMillis());
  }

  /**
   * Moves settled facts of one tablet into packed pages, splits what grew, deletes what is folded.
   * Idempotent.
   */
  public MaintenanceOutcome maintain(TabletRef tablet) {
    return new Compaction(parts).maintain(tablet);
  }

  /**
   * Builds packed history for the keys in [from, to) ({@code to} empty: to the end) from S3's own
   * list. Events may arrive meanwhile. After a crash call it again with {@code from} = the last
   * checkpoint.
   *
   * @param versions every version and delete marker of those keys, in key order
   * @param checkpoint told the key up to which (exclusive) all is durable, and the versions written
   *     so far
   */
  public void backfill(
      String bucket,
      String from,
      String to,
      Iterator<VersionEvent> versions,
      Consumer<Checkpoint> checkpoint) {
    new Backfill(parts, bucket).run(SortKeys.utf8(from), SortKeys.utf8(to), versions, checkpoint);
  }

  /** How far a backfill has come. */
  public record Checkpoint(String before, long versions) {}

  /**
   * Says that all keys are backfilled: the bucket's history is complete from here on. Returns the
   * bucket's {@link #tablets}.
   */
  public Set<TabletRef> finishBackfill(String bucket) {
    for (Tablet tablet : all(bucket)) {
      if (tablet.filling()) {
        parts.directory().filled(tablet);
      }
    }
    return tablets(bucket);
  }

  /** The tablets that have to be maintained now and then until they no longer ask for it. */
  public Set<TabletRef> tablets(String bucket) {
    return all(bucket).stream()
        .filter(tablet -> !tablet.readsOthersTail())
        .map(TabletRef::of)
        .collect(Collectors.toSet());
  }

  private List<Tablet> all(String bucket) {
    List<Tablet> all = new ArrayList<>();
    byte[] from = {};
    do {
      all.addAll(parts.directory().covering(bucket, from, new byte[0]));
      from = all.getLast().to();
    } while (from.length > 0);
    return all;
  }
}
