package dev.snapslice.core.restore;

import dev.snapslice.core.job.Job;
import dev.snapslice.core.job.JobId;
import dev.snapslice.core.restore.RestorePlan.Counts;
import java.time.Instant;
import java.util.Optional;

/**
 * A restore under way.
 *
 * @param now the moment that counts as the present: what is written later is not touched
 * @param planned what there is to do; grows while planning
 * @param progress what came of it so far
 * @param cursor the last key that is dealt with in this state; empty at the start
 * @param problem why it failed, or is being tried again
 * @param updated when this was written
 */
public record RestoreJob(
    JobId id,
    RestoreRequest request,
    Instant now,
    State state,
    Counts planned,
    Progress progress,
    String cursor,
    Optional<String> problem,
    Instant updated)
    implements Job<RestoreJob> {
  private static final Optional<String> NO_PROBLEM = Optional.empty();

  /** The life of a job, in this order; the last three end it. */
  public enum State {
    /** The changes are being counted, and looked at for purged versions. Nothing is written yet. */
    PLANNED,
    RUNNING,
    /** Every key was dealt with; the report names those that were left alone. */
    DONE,
    /** It was refused, before anything was done unless versioning was turned off meanwhile. */
    FAILED,
    /** Given up by its user; what was done stays. */
    CANCELLED
  }

  /**
   * What came of the steps.
   *
   * @param done keys that are now as wanted
   * @param conflicts keys that somebody wrote to since, and that were left alone
   * @param failed keys that S3 refused
   * @param bytes that were copied
   */
  public record Progress(long done, long conflicts, long failed, long bytes) {
    static final Progress NONE = new Progress(0, 0, 0, 0);

    Progress plus(Outcome outcome) {
      return switch (outcome) {
        case Outcome.Done it -> new Progress(done + 1, conflicts, failed, bytes + it.bytes());
        case Outcome.Conflict it -> new Progress(done, conflicts + 1, failed, bytes);
        case Outcome.Failed it -> new Progress(done, conflicts, failed + 1, bytes);
        case Outcome.Unfinished it -> this;
      };
    }
  }

  static RestoreJob of(JobId id, RestoreRequest request, Instant now) {
    return new RestoreJob(
        id, request, now, State.PLANNED, Counts.NONE, Progress.NONE, "", Optional.empty(), now);
  }

  RestoreJob planned(Counts counts, String upTo, Instant at) {
    return new RestoreJob(id, request, now, state, counts, progress, upTo, NO_PROBLEM, at);
  }

  RestoreJob done(Progress sum, String upTo, Instant at) {
    return new RestoreJob(id, request, now, state, planned, sum, upTo, NO_PROBLEM, at);
  }

  RestoreJob running(Instant at) {
    return new RestoreJob(id, request, now, State.RUNNING, planned, progress, "", NO_PROBLEM, at);
  }

  RestoreJob with(State last, Optional<String> why, Instant at) {
    return new RestoreJob(id, request, now, last, planned, progress, cursor, why, at);
  }

  @Override
  public boolean finished() {
    return state.compareTo(State.RUNNING) > 0;
  }

  @Override
  public RestoreJob cancelled() {
    return with(State.CANCELLED, problem, updated);
  }
}
