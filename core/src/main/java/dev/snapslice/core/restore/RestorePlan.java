package dev.snapslice.core.restore;

import dev.snapslice.core.version.ObjectKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What a restore would do.
 *
 * @param now the moment that counts as the present: what is written later is not touched
 * @param counts of all steps
 * @param purged the first {@link #MOST_SHOWN} keys whose bytes are gone
 */
public record RestorePlan(Instant now, Counts counts, List<ObjectKey> purged) {
  public static final int MOST_SHOWN = 1000;

  /** Nothing counted yet. */
  static RestorePlan empty(Instant now) {
    return new RestorePlan(now, Counts.NONE, List.of());
  }

  /**
   * Steps by kind.
   *
   * @param undelete keys that come back by removing delete markers
   * @param copyBack keys whose version of then is copied over today's
   * @param hide keys that get a delete marker
   * @param copy keys that are copied to another place
   * @param purged keys that cannot be had back
   * @param bytes that S3 has to copy
   */
  public record Counts(
      long undelete, long copyBack, long hide, long copy, long purged, long bytes) {
    public static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0);

    Counts plus(RestoreStep step) {
      return switch (step) {
        case RestoreStep.Undelete s ->
            new Counts(undelete + 1, copyBack, hide, copy, purged, bytes);
        case RestoreStep.CopyBack s ->
            new Counts(undelete, copyBack + 1, hide, copy, purged, bytes + s.bytes());
        case RestoreStep.Hide s -> new Counts(undelete, copyBack, hide + 1, copy, purged, bytes);
        case RestoreStep.CopyTo s ->
            new Counts(undelete, copyBack, hide, copy + 1, purged, bytes + s.bytes());
        case RestoreStep.Purged s -> new Counts(undelete, copyBack, hide, copy, purged + 1, bytes);
      };
    }

    /** How many keys are written to. */
    public long steps() {
      return undelete + copyBack + hide + copy;
    }
  }

  public RestorePlan {
    purged = List.copyOf(purged);
  }

  /** Whether the restore is refused, since it could not bring back all. */
  public boolean refused() {
    return counts.purged() > 0;
  }

  RestorePlan plus(List<RestoreStep> steps) {
    Counts sum = counts;
    List<ObjectKey> gone = new ArrayList<>(purged);
    for (RestoreStep step : steps) {
      sum = sum.plus(step);
      if (step instanceof RestoreStep.Purged && gone.size() < MOST_SHOWN) {
        gone.add(step.key());
      }
    }
    return new RestorePlan(now, sum, gone);
  }
}
