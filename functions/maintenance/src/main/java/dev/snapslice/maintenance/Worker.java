package dev.snapslice.maintenance;

import dev.snapslice.core.bucket.Backfilling;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.bucket.Enabling;
import dev.snapslice.core.bucket.Reconciling;
import dev.snapslice.core.export.ExportJobs;
import dev.snapslice.core.index.MaintenanceOutcome;
import dev.snapslice.core.index.TabletRef;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.restore.RestoreJobs;
import dev.snapslice.core.task.MaintenanceTask;
import dev.snapslice.core.task.TaskQueue;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Does one task, and asks for what it leaves to do. Thread-safe. */
final class Worker {
  private final TimeIndex index;
  private final BucketCatalog catalog;
  private final Enabling enabling;
  private final Backfilling backfilling;
  private final Reconciling reconciling;
  private final RestoreJobs restores;
  private final ExportJobs exports;
  private final TaskQueue tasks;

  Worker(
      TimeIndex index,
      BucketCatalog catalog,
      Enabling enabling,
      Backfilling backfilling,
      Reconciling reconciling,
      RestoreJobs restores,
      ExportJobs exports,
      TaskQueue tasks) {
    this.index = index;
    this.catalog = catalog;
    this.enabling = enabling;
    this.backfilling = backfilling;
    this.reconciling = reconciling;
    this.restores = restores;
    this.exports = exports;
    this.tasks = tasks;
  }

  /** Works on a task until the deadline; what it did is told to the report. */
  void run(MaintenanceTask task, Instant deadline, Report report) {
    Optional<Duration> again =
        switch (task) {
          case MaintenanceTask.Maintain maintain -> maintain(maintain.tablet(), report);
          case MaintenanceTask.Enable enable -> {
            enabling.enable(enable.bucket());
            yield Optional.empty();
          }
          case MaintenanceTask.Disable disable -> {
            enabling.disable(disable.bucket());
            yield Optional.empty();
          }
          case MaintenanceTask.Backfill backfill -> backfilling.resume(backfill.bucket(), deadline);
          case MaintenanceTask.Reconcile reconcile -> reconcile(reconcile, deadline, report);
          case MaintenanceTask.Sweep sweep -> sweep(sweep.bucket());
          case MaintenanceTask.Restore restore -> restores.resume(restore.jobId(), deadline);
          case MaintenanceTask.Export export -> exports.resume(export.jobId(), deadline);
        };
    again.ifPresent(delay -> tasks.send(task, delay));
  }

  private Optional<Duration> maintain(TabletRef tablet, Report report) {
    MaintenanceOutcome outcome = index.maintain(tablet);
    report.count("FoldedFacts", outcome.folded());
    report.count("DuplicateFacts", outcome.duplicates());
    return outcome.again();
  }

  private Optional<Duration> reconcile(
      MaintenanceTask.Reconcile task, Instant deadline, Report report) {
    return switch (reconciling.resume(task.bucket(), task.prefix(), deadline)) {
      case Reconciling.Again again -> Optional.of(again.delay());
      case Reconciling.Done done -> {
        report.count("ReconcileDrift", done.drift());
        report.count("ReconciledKeys", done.checked());
        report.note("missed", done.missed());
        report.note("surplus", done.surplus());
        report.note("misdated", done.misdated());
        report.note("removed", done.removed());
        yield Optional.empty();
      }
    };
  }

  /** Finds what waits to be folded though its task was lost. */
  private Optional<Duration> sweep(String bucket) {
    boolean complete = catalog.require(bucket).history().complete();
    if (complete) {
      index.tablets(bucket).forEach(t -> tasks.send(new MaintenanceTask.Maintain(t)));
    }
    return Optional.empty();
  }

  /** Takes what is to be known of a task. */
  interface Report {
    /** Adds to a metric. */
    void count(String metric, long many);

    /** Puts a value on the log's line. */
    void note(String name, Object value);
  }
}
