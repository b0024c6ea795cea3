package dev.snapslice.core.index;

import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import dev.snapslice.core.version.VersionEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * The time index of all buckets: record facts, read views, keep it packed. Thread-safe; one per
 * process.
 */
public final class TimeIndex {

  public TimeIndex(DynamoDbClient dynamo, String table, InstantSource clock) {}

  /**
   * Prepares an empty index for a bucket. Until {@link #finishBackfill} its history counts as
   * incomplete.
   */
  public void create(String bucket) {
    throw new UnsupportedOperationException();
  }

  /** Whether {@link #create} was called for the bucket. */
  public boolean exists(String bucket) {
    throw new UnsupportedOperationException();
  }

  /**
   * Makes facts durable: after this returns, those not among the failed ones are visible to every
   * reader.
   */
  public RecordOutcome record(String bucket, List<VersionEvent> events) {
    throw new UnsupportedOperationException();
  }

  public ObjectView snapshot(String bucket, Instant at) {
    throw new UnsupportedOperationException();
  }

  public ObjectView slice(String bucket, Instant from, Instant to) {
    throw new UnsupportedOperationException();
  }

  /**
   * The keys that differ between two snapshots, in key order, lazily: costs what changed, not what
   * there is.
   */
  public Iterator<DiffEntry> diff(
      String bucket, Instant from, Instant to, String prefix, Cursor cursor) {
    throw new UnsupportedOperationException();
  }

  /** Every known version of a key, newest first. */
  public List<Version> history(String bucket, ObjectKey key) {
    throw new UnsupportedOperationException();
  }

  /**
   * Every known version of the keys in ({@code after}, …) below a prefix, in key order, newest
   * first within a key.
   */
  public Iterator<Version> versions(String bucket, String prefix, String after) {
    throw new UnsupportedOperationException();
  }

  /**
   * What happened in (from, to], in intervals of {@code resolution}; intervals without events are
   * left out.
   */
  public List<TimelineBucket> timeline(
      String bucket, Instant from, Instant to, Duration resolution) {
    throw new UnsupportedOperationException();
  }

  /**
   * Moves settled facts of one tablet into packed pages, splits what grew, deletes what is folded.
   * Idempotent.
   */
  public MaintenanceOutcome maintain(TabletRef tablet) {
    throw new UnsupportedOperationException();
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
    throw new UnsupportedOperationException();
  }

  /** How far a backfill has come. */
  public record Checkpoint(String before, long versions) {}

  /** Says that all keys are backfilled: the bucket's history is complete from here on. */
  public void finishBackfill(String bucket) {
    throw new UnsupportedOperationException();
  }
}
