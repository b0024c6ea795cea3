package dev.snapslice.proxy.view;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.snapslice.core.task.MaintenanceTask;
import dev.snapslice.core.task.TaskQueue;
import dev.snapslice.core.version.ObjectKey;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Versions that S3 no longer has though the index shows them: their removal was missed. Asks the
 * maintenance function to compare such a key with S3, which writes the removal into the index.
 * Thread-safe.
 */
public final class MissingVersions {
  /** A comparison takes some time: whoever reads again meanwhile is not told of again. */
  private static final Duration PAUSE = Duration.ofMinutes(10);

  private final Supplier<TaskQueue> tasks;
  private final Cache<MaintenanceTask, AtomicBoolean> told =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(PAUSE).build();

  public MissingVersions(Supplier<TaskQueue> tasks) {
    this.tasks = tasks;
  }

  /** Tells of a version of a key that a read did not find. */
  public void tell(String bucket, ObjectKey key) {
    MaintenanceTask compare = new MaintenanceTask.Reconcile(bucket, key.value());
    if (!told.get(compare, first -> new AtomicBoolean()).getAndSet(true)) {
      tasks.get().send(compare);
    }
  }
}
