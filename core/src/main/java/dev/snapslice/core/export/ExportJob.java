package dev.snapslice.core.export;

import dev.snapslice.core.job.Job;
import dev.snapslice.core.job.JobId;
import java.time.Instant;
import java.util.Optional;

/**
 * An export under way.
 *
 * @param written how far it has come
 * @param problem why it failed, or is being tried again
 * @param updated when this was written
 */
public record ExportJob(
    JobId id,
    ExportRequest request,
    State state,
    Written written,
    Optional<String> problem,
    Instant created,
    Instant updated)
    implements Job<ExportJob> {

  /** The life of a job. */
  public enum State {
    RUNNING,
    /** The file is there. */
    DONE,
    /** There is no file. */
    FAILED,
    /** Given up by its user; there is no file. */
    CANCELLED
  }

  /**
   * How far an export has come.
   *
   * @param objects that were written
   * @param purged entries whose bytes are gone; in CSV they are left out
   * @param bytes of the file
   * @param upload the multipart upload that takes it, once it is too large for one request
   * @param parts that this upload has
   * @param cursor the last key in them
   */
  public record Written(
      long objects, long purged, long bytes, Optional<String> upload, int parts, String cursor) {
    static final Written NONE = new Written(0, 0, 0, Optional.empty(), 0, "");

    Written to(String uploadId) {
      return new Written(objects, purged, bytes, Optional.of(uploadId), parts, cursor);
    }
  }

  static ExportJob of(JobId id, ExportRequest request, Instant now) {
    return new ExportJob(id, request, State.RUNNING, Written.NONE, Optional.empty(), now, now);
  }

  ExportJob with(Written sum, Instant at) {
    return new ExportJob(id, request, state, sum, Optional.empty(), created, at);
  }

  ExportJob with(State last, Optional<String> why, Instant at) {
    return new ExportJob(id, request, last, written, why, created, at);
  }

  /** The key of the file in the target bucket. */
  public String file() {
    return "%s%s-%s-%s.%s"
        .formatted(
            request.toPrefix(),
            request.bucket(),
            request.view(),
            id.number(),
            request.format().extension());
  }

  @Override
  public boolean finished() {
    return state != State.RUNNING;
  }

  @Override
  public ExportJob cancelled() {
    return with(State.CANCELLED, problem, updated);
  }
}
