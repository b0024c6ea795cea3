package dev.snapslice.core.bucket;

import dev.snapslice.core.bucket.Bucket.Progress;
import dev.snapslice.core.bucket.Bucket.Status;
import dev.snapslice.core.bucket.Setup.Addition;
import dev.snapslice.core.task.MaintenanceTask;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Starts a bucket's history, and ends it: versioning, notifications, then backfill. Each step may
 * be repeated, so that after a crash the same call goes on; what is added is noted in the catalog
 * first, so that disable finds it. Thread-safe.
 *
 * <p>A bucket that waits for {@link #enable} has the status that {@link Bucket#enabling} gives it;
 * a task that comes late, when its owner has decided otherwise, does nothing.
 */
public final class Enabling {
  /**
   * How long S3 may take to spread a bucket's first versioning.
   *
   * @see <a
   *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/manage-versioning-examples.html">Enabling
   *     versioning</a>
   */
  public static final Duration SPREAD = Duration.ofMinutes(15);

  private final Upkeep upkeep;
  private final Notifications notifications;
  private final Duration spread;

  /**
   * Of an installation.
   *
   * @param queueArn of the queue that takes events
   * @param spread how long to wait after versioning was turned on: {@link #SPREAD} in AWS
   */
  public Enabling(
      Upkeep upkeep, Supplier<EventBridgeClient> eventBridge, String queueArn, Duration spread) {
    this.upkeep = upkeep;
    this.notifications = new Notifications(eventBridge, queueArn);
    this.spread = spread;
  }

  /**
   * Takes the steps that are left until the bucket's versions can be backfilled, and asks for that.
   * Where its owner has to do something first, the bucket's progress says so.
   */
  public void enable(String name) {
    Bucket bucket = upkeep.catalog().require(name);
    try {
      switch (bucket.status()) {
        case ENABLING -> {
          prepare(bucket);
          settle(name);
        }
        case SETTLING -> settle(name);
        case BACKFILLING -> upkeep.tasks().send(new MaintenanceTask.Backfill(name));
        case ACTIVE, DISABLING, DISABLED -> {}
      }
    } catch (ObstacleException e) {
      upkeep.catalog().update(name, b -> b.with(b.progress().failed(e.getMessage())));
    } catch (SupersededException e) {
      // What this run has added after the disable began has to go, too.
      upkeep.tasks().send(new MaintenanceTask.Disable(name));
    }
  }

  private void prepare(Bucket asked) {
    String name = asked.name();
    S3Client s3 = upkeep.s3().apply(asked);
    step(name, b -> looked(b.with(b.setup().withoutWarnings()), "looking at the bucket"));
    try {
      checkRegion(s3, asked);
      versioning(s3, name);
      if (!(asked.location() instanceof Location.OtherStore)) {
        lifecycle(s3, name);
      }
      // Before the first event can come.
      upkeep.index().create(name);
      if (!(asked.location() instanceof Location.OtherStore)) {
        notifications(s3, asked);
      }
    } catch (S3Exception e) {
      throw ObstacleException.of(e, asked);
    }
    if (asked.history().complete()) {
      step(name, Enabling::warnedOfGap);
    }
  }

  private static Bucket looked(Bucket bucket, String step) {
    return bucket.with(Progress.of(step, 0));
  }

  private void checkRegion(S3Client s3, Bucket bucket) {
    String region = s3.headBucket(r -> r.bucket(bucket.name())).bucketRegion();
    boolean elsewhere = region != null && !region.equals(notifications.region());
    if (elsewhere && !(bucket.location() instanceof Location.OtherStore)) {
      throw new ObstacleException(
          ("The bucket '%s' is in %s and this Snapslice in %s: S3 sends events within a region only."
                  + " Install Snapslice in %s.")
              .formatted(bucket.name(), region, notifications.region(), region));
    }
  }

  private void versioning(S3Client s3, String name) {
    if (s3.getBucketVersioning(r -> r.bucket(name)).status() != BucketVersioningStatus.ENABLED) {
      Instant now = upkeep.clock().instant();
      step(name, b -> b.with(b.setup().versioningEnabledAt(now)));
      s3.putBucketVersioning(r ->
          r.bucket(name).versioningConfiguration(v -> v.status(BucketVersioningStatus.ENABLED)));
    }
    step(
        name,
        b ->
            b.setup()
                .versioningEnabledAt()
                .map(at -> b.with(b.setup().warned(versioningWarning(at))))
                .orElse(b));
  }

  private static String versioningWarning(Instant at) {
    return "Versioning was off or suspended until Snapslice turned it on at "
        + at
        + ": what was overwritten before is not in history. Disabling leaves versioning on.";
  }

  private void lifecycle(S3Client s3, String name) {
    LifecycleRules rules = lifecycleRules(s3, name);
    step(name, b -> b.with(rules.noteIn(b.setup())));
  }

  private static LifecycleRules lifecycleRules(S3Client s3, String name) {
    try {
      return new LifecycleRules(s3.getBucketLifecycleConfiguration(r -> r.bucket(name)).rules());
    } catch (S3Exception e) {
      if ("NoSuchLifecycleConfiguration".equals(e.awsErrorDetails().errorCode())) {
        return new LifecycleRules(List.of());
      }
      throw e;
    }
  }

  private void notifications(S3Client s3, Bucket asked) {
    String name = asked.name();
    Bucket bucket =
        step(
            name,
            b ->
                looked(b, "adding the notification")
                    .with(
                        b.setup().has(Addition.RULE)
                            ? b.setup()
                            : b.setup().plus(Addition.NOTIFICATION)));
    if (!bucket.setup().has(Addition.RULE) && notifications.addQueue(s3, name)) {
      return;
    }
    if (asked.location() instanceof Location.OtherAccount) {
      throw new ObstacleException(
          ("The notifications of the bucket '%s' leave no room for ours, and Snapslice makes no"
                  + " EventBridge rules in other accounts: remove or narrow the notification that"
                  + " takes the same events.")
              .formatted(name));
    }
    boolean bridged = notifications.isBridged(s3, name);
    step(
        name,
        b -> {
          Setup setup = b.setup().minus(Addition.NOTIFICATION).plus(Addition.RULE);
          return b.with(
              (bridged ? setup : setup.plus(Addition.EVENT_BRIDGE)).warned(BRIDGE_WARNING));
        });
    notifications.addRule(name);
    notifications.bridge(s3, name);
  }

  private static final String BRIDGE_WARNING =
      "The bucket's notifications left no room for ours, so its events come by EventBridge: times"
          + " are whole seconds, and rules of others on 'aws.s3' fire for this bucket, too.";

  private static Bucket warnedOfGap(Bucket bucket) {
    String since = bucket.history().indexedThrough().map(Instant::toString).orElse("disable");
    return bucket.with(
        bucket
            .setup()
            .warned(
                ("No events came from %s until the bucket was enabled again: versions of that time"
                        + " are taken from S3's list, in whole seconds; those that were created and"
                        + " removed meanwhile are unknown.")
                    .formatted(since)));
  }

  /** Waits until versioning has spread, then asks for the backfill. */
  private void settle(String name) {
    Instant now = upkeep.clock().instant();
    Bucket bucket =
        step(
            name,
            b ->
                settled(b).isAfter(now)
                    ? b.with(
                        Status.SETTLING, Progress.of("versioning spreads until " + settled(b), 0))
                    : b.with(Status.BACKFILLING, Progress.of("waiting to be backfilled", 0)));
    if (bucket.status() == Status.BACKFILLING) {
      upkeep.tasks().send(new MaintenanceTask.Backfill(name));
    } else {
      Duration left = Duration.between(now, settled(bucket)).plusSeconds(1);
      upkeep.tasks().send(new MaintenanceTask.Enable(name), left);
    }
  }

  private Instant settled(Bucket bucket) {
    return bucket.setup().versioningEnabledAt().map(at -> at.plus(spread)).orElse(Instant.MIN);
  }

  /** Writes a bucket that is still being enabled. */
  private Bucket step(String name, UnaryOperator<Bucket> change) {
    return upkeep
        .catalog()
        .update(
            name,
            b -> {
              if (b.status() != Status.ENABLING && b.status() != Status.SETTLING) {
                throw new SupersededException();
              }
              return change.apply(b);
            });
  }

  /** The bucket's owner has asked for a disable meanwhile. */
  private static final class SupersededException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Takes away what enable added. Versioning stays on, and history readable as far as it was
   * indexed.
   */
  public void disable(String name) {
    Bucket bucket = upkeep.catalog().require(name);
    if (bucket.status() != Status.DISABLING && bucket.status() != Status.DISABLED) {
      return;
    }
    try {
      if (!(bucket.location() instanceof Location.OtherStore)) {
        takeAway(bucket);
      }
      Backfilling.interrupt(upkeep.checkpoints(), name);
      upkeep
          .catalog()
          .update(
              name,
              b ->
                  b.status() == Status.DISABLING
                      ? b.with(Status.DISABLED, Progress.of("disabled", 0))
                      : b);
    } catch (ObstacleException e) {
      upkeep.catalog().update(name, b -> b.with(b.progress().failed(e.getMessage())));
    }
  }

  private void takeAway(Bucket bucket) {
    String name = bucket.name();
    S3Client s3 = upkeep.s3().apply(bucket);
    try {
      notifications.removeQueue(s3, name);
      if (bucket.setup().has(Addition.EVENT_BRIDGE)) {
        notifications.unbridge(s3, name);
      }
    } catch (S3Exception e) {
      // Of a bucket that is gone nothing is left to be taken away.
      if (e.statusCode() != 404) {
        throw ObstacleException.of(e, bucket);
      }
    }
    if (bucket.setup().has(Addition.RULE)) {
      notifications.removeRule(name);
    }
    for (Addition addition : Addition.values()) {
      upkeep.catalog().update(name, b -> b.with(b.setup().minus(addition)));
    }
  }
}
