package dev.snapslice.maintenance;

import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.bucket.Claims;
import dev.snapslice.core.task.MaintenanceTask;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * What is due: buckets that stand still are moved on, histories that were not verified for a day
 * are reconciled, and tablets are looked at in case the task to fold one was lost. Thread-safe.
 */
final class Schedule {
  static final Duration RECONCILE_EVERY = Duration.ofHours(24);
  static final Duration SWEEP_EVERY = Duration.ofHours(6);

  /** A task that runs writes its bucket's progress more often. */
  static final Duration STANDSTILL = Duration.ofMinutes(10);

  private final BucketCatalog catalog;
  private final Claims claims;
  private final Runnable refreshHealth;
  private final Consumer<MaintenanceTask> tasks;
  private final InstantSource clock;

  Schedule(
      BucketCatalog catalog,
      Claims claims,
      Runnable refreshHealth,
      Consumer<MaintenanceTask> tasks,
      InstantSource clock) {
    this.catalog = catalog;
    this.claims = claims;
    this.refreshHealth = refreshHealth;
    this.tasks = tasks;
    this.clock = clock;
  }

  /** Looks once; answers how many buckets there are. */
  int tick() {
    refreshHealth.run();
    var buckets = catalog.list();
    buckets.forEach(this::look);
    return buckets.size();
  }

  private void look(Bucket bucket) {
    String name = bucket.name();
    switch (bucket.status()) {
      case ENABLING, SETTLING -> unstick(bucket, new MaintenanceTask.Enable(name));
      case BACKFILLING -> unstick(bucket, new MaintenanceTask.Backfill(name));
      case DISABLING -> unstick(bucket, new MaintenanceTask.Disable(name));
      case ACTIVE -> {
        Instant verified = bucket.history().verifiedThrough().orElse(Instant.EPOCH);
        if (verified.isBefore(clock.instant().minus(RECONCILE_EVERY))) {
          once(new MaintenanceTask.Reconcile(name, ""), name, RECONCILE_EVERY);
        }
        once(new MaintenanceTask.Sweep(name), name, SWEEP_EVERY);
      }
      case DISABLED -> {}
    }
  }

  private void unstick(Bucket bucket, MaintenanceTask task) {
    if (bucket.updated().isBefore(clock.instant().minus(STANDSTILL))) {
      once(task, bucket.name(), STANDSTILL);
    }
  }

  /** Sends a task unless it was sent a while ago. */
  private void once(MaintenanceTask task, String bucket, Duration every) {
    if (claims.take("sent-" + task.getClass().getSimpleName() + "#" + bucket, every)) {
      tasks.accept(task);
    }
  }
}
