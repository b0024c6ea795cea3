package dev.snapslice.core.task;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.snapslice.core.index.TabletRef;
import dev.snapslice.core.json.Json;

/**
 * One piece of work for the maintenance function, as a queue message: JSON with a {@code type}.
 * Every task may be delivered twice and goes on where an earlier run of it stopped.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = MaintenanceTask.Maintain.class, name = "Maintain"),
  @JsonSubTypes.Type(value = MaintenanceTask.Sweep.class, name = "Sweep"),
  @JsonSubTypes.Type(value = MaintenanceTask.Enable.class, name = "Enable"),
  @JsonSubTypes.Type(value = MaintenanceTask.Disable.class, name = "Disable"),
  @JsonSubTypes.Type(value = MaintenanceTask.Backfill.class, name = "Backfill"),
  @JsonSubTypes.Type(value = MaintenanceTask.Reconcile.class, name = "Reconcile"),
  @JsonSubTypes.Type(value = MaintenanceTask.Restore.class, name = "Restore"),
  @JsonSubTypes.Type(value = MaintenanceTask.Export.class, name = "Export"),
})
public sealed interface MaintenanceTask {

  /** Fold what a tablet of the index has gathered. */
  record Maintain(TabletRef tablet) implements MaintenanceTask {}

  /** Look for tablets of a bucket that want to be folded though their task was lost. */
  record Sweep(String bucket) implements MaintenanceTask {}

  /** Take the steps that are left until a registered bucket's events arrive. */
  record Enable(String bucket) implements MaintenanceTask {}

  /** Take away what enable added. */
  record Disable(String bucket) implements MaintenanceTask {}

  /** Bring in the versions that a bucket held before it was enabled. */
  record Backfill(String bucket) implements MaintenanceTask {}

  /** Compare the index with S3's own version list below a prefix; empty for the whole bucket. */
  record Reconcile(String bucket, String prefix) implements MaintenanceTask {}

  /** Go on with a restore job. */
  record Restore(String jobId) implements MaintenanceTask {}

  /** Go on with an export job. */
  record Export(String jobId) implements MaintenanceTask {}

  /**
   * Reads a message's body.
   *
   * @throws IllegalArgumentException if it is no task
   */
  static MaintenanceTask parse(String json) {
    return Json.read(json, MaintenanceTask.class);
  }
}
