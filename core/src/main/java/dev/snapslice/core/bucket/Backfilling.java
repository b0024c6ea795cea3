package dev.snapslice.core.bucket;

import dev.snapslice.core.bucket.Bucket.Progress;
import dev.snapslice.core.bucket.Bucket.Status;
import dev.snapslice.core.index.TabletRef;
import dev.snapslice.core.task.MaintenanceTask;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.VersionEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.Gatherers;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Brings in the versions that a bucket held before its events came, range by range and several at
 * once, while new events arrive; then the bucket is active. Each range goes on from its last
 * checkpoint. A bucket that was disabled for a while is reconciled instead. Thread-safe.
 */
public final class Backfilling {
  private static final int AT_ONCE = 4;
  private static final int SENDERS = 16;
  private static final String PLAN = "plan";

  private final Upkeep upkeep;
  private final Reconciling reconciling;

  /**
   * What is to be done.
   *
   * @param ranges how many there are
   * @param interrupted whether the bucket was disabled meanwhile, so that what is durable already
   *     misses events
   */
  record Plan(int ranges, boolean interrupted) {}

  public Backfilling(Upkeep upkeep, Reconciling reconciling) {
    this.upkeep = upkeep;
    this.reconciling = reconciling;
  }

  private static String work(String bucket) {
    return "backfill#" + bucket;
  }

  /** Notes that from now on events are missed. */
  static void interrupt(Checkpoints checkpoints, String bucket) {
    checkpoints
        .get(work(bucket), PLAN, Plan.class)
        .ifPresent(plan -> checkpoints.put(work(bucket), PLAN, new Plan(plan.ranges(), true)));
  }

  /**
   * Works until all is durable or the deadline comes. Where somebody else does that already, it
   * does nothing.
   *
   * @return after how long the task has to be sent again; empty when nothing is left
   */
  public Optional<Duration> resume(String name, Instant deadline) {
    Bucket bucket = upkeep.catalog().require(name);
    Duration time = Duration.between(upkeep.clock().instant(), deadline).plusMinutes(1);
    if (bucket.status() != Status.BACKFILLING || !upkeep.claims().take(work(name), time)) {
      return Optional.empty();
    }
    try {
      return bucket.history().complete() ? catchUp(bucket, deadline) : backfill(bucket, deadline);
    } catch (StoppedException e) {
      return Optional.empty();
    } catch (S3Exception e) {
      throw ObstacleException.of(e, bucket);
    } finally {
      upkeep.claims().release(work(name));
    }
  }

  private Optional<Duration> catchUp(Bucket bucket, Instant deadline) {
    return switch (reconciling.resume(bucket.name(), "", deadline)) {
      case Reconciling.Again again -> Optional.of(again.delay());
      case Reconciling.Done done -> {
        step(bucket.name(), b -> b.with(Status.ACTIVE, Progress.of("active", done.checked())));
        yield Optional.empty();
      }
    };
  }

  private Optional<Duration> backfill(Bucket bucket, Instant deadline) {
    String name = bucket.name();
    Plan plan =
        upkeep.checkpoints().get(work(name), PLAN, Plan.class).orElseGet(() -> plan(bucket));
    List<KeyRange> ranges =
        upkeep
            .checkpoints()
            .list(work(name), "range-", KeyRange.class)
            .limit(plan.ranges())
            .toList();
    AtomicLong done = new AtomicLong(ranges.stream().mapToLong(KeyRange::versions).sum());
    boolean all =
        ranges.stream()
            .filter(range -> !range.done())
            .gather(Gatherers.mapConcurrent(AT_ONCE, range -> fill(bucket, range, deadline, done)))
            .reduce(true, Boolean::logicalAnd);
    return all ? finish(name, plan, done.get()) : Optional.of(Duration.ZERO);
  }

  /** The ranges are written before the plan, which counts them. */
  private Plan plan(Bucket bucket) {
    String name = bucket.name();
    step(name, b -> b.with(Progress.of("looking for ranges to backfill at once", 0)));
    List<KeyRange> ranges = KeyRange.split(upkeep.s3().apply(bucket), name);
    ranges.forEach(range -> upkeep.checkpoints().put(work(name), range.part(), range));
    Plan plan = new Plan(ranges.size(), false);
    upkeep.checkpoints().put(work(name), PLAN, plan);
    return plan;
  }

  /** Whether the whole range is durable now. */
  private boolean fill(Bucket bucket, KeyRange range, Instant deadline, AtomicLong done) {
    String name = bucket.name();
    VersionList list = VersionList.of(upkeep.s3().apply(bucket), name, "", range.marker());
    Facts facts = new Facts(list, range, deadline);
    try {
      upkeep
          .index()
          .backfill(
              name,
              range.from(),
              range.to(),
              facts,
              checkpoint -> {
                long before = facts.range.versions();
                facts.reached(checkpoint.before(), checkpoint.versions());
                upkeep.checkpoints().put(work(name), range.part(), facts.range);
                progress(name, done.addAndGet(facts.range.versions() - before));
              });
    } catch (DeadlineException e) {
      return false;
    }
    KeyRange finished = range.finished(facts.read);
    upkeep.checkpoints().put(work(name), range.part(), finished);
    progress(name, done.addAndGet(finished.versions() - facts.range.versions()));
    return true;
  }

  private void progress(String name, long versions) {
    step(name, b -> b.with(Progress.of("backfilling", versions)));
  }

  /** A range's facts in key order, until the deadline; knows where the range goes on. */
  private final class Facts implements Iterator<VersionEvent> {
    private final VersionList list;
    private final KeyRange start;
    private final Instant deadline;
    private KeyRange range;
    private Iterator<VersionEvent> key = Collections.emptyIterator();
    private String before;
    private String current;
    private long read;

    Facts(VersionList list, KeyRange range, Instant deadline) {
      this.list = list;
      this.start = range;
      this.range = range;
      this.deadline = deadline;
      this.before = range.marker();
      this.current = range.marker();
    }

    @Override
    public boolean hasNext() {
      while (!key.hasNext() && list.hasNext()) {
        ListedKey listed = list.next();
        String name = listed.key().value();
        if (!start.to().isEmpty() && ObjectKey.compare(name, start.to()) >= 0) {
          return false;
        }
        // An iterator that ended here would mean that there are no more versions.
        if (!upkeep.clock().instant().isBefore(deadline)) {
          throw new DeadlineException();
        }
        if (ObjectKey.compare(name, start.from()) >= 0) {
          before = current;
          current = name;
          key = listed.dated().iterator();
        }
      }
      return key.hasNext();
    }

    @Override
    public VersionEvent next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      read++;
      return key.next();
    }

    /** All before a key is durable: the key whose first version was read last. */
    void reached(String next, long written) {
      range = start.at(next, before, written);
    }
  }

  private static final class DeadlineException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private Optional<Duration> finish(String name, Plan plan, long versions) {
    Set<TabletRef> tablets = upkeep.index().finishBackfill(name);
    tablets.stream()
        .map(MaintenanceTask.Maintain::new)
        .gather(
            Gatherers.mapConcurrent(
                SENDERS,
                task -> {
                  upkeep.tasks().send(task);
                  return task;
                }))
        .forEach(task -> {});
    step(
        name,
        b -> {
          Bucket complete = b.with(b.history().completed());
          return plan.interrupted()
              ? complete.with(Progress.of("comparing with S3 what came before disabling", versions))
              : complete.with(Status.ACTIVE, Progress.of("active", versions));
        });
    upkeep.checkpoints().delete(work(name));
    return plan.interrupted() ? Optional.of(Duration.ZERO) : Optional.empty();
  }

  /** Writes a bucket that is still being backfilled. */
  private void step(String name, UnaryOperator<Bucket> change) {
    upkeep
        .catalog()
        .update(
            name,
            b -> {
              if (b.status() != Status.BACKFILLING) {
                throw new StoppedException();
              }
              return change.apply(b);
            });
  }

  /** The bucket's owner has asked for a disable meanwhile. */
  private static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
