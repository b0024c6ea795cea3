package dev.snapslice.mlflow.tracking;

import dev.snapslice.core.time.InvalidSpecException;
import dev.snapslice.core.time.TimeSpec;
import dev.snapslice.mlflow.protocol.MlflowException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * The moment at which a run sees all buckets: the server's own clock when the run was made, or an
 * earlier one that was asked for then. Readers name it {@code run-<run id>} ({@link
 * dev.snapslice.core.run.RunMoments}), and count on it never to change.
 */
record RunMoment(Instant at) {
  /** Shows it with a run, as a time spec. Clients may set it when they make the run, only. */
  static final String TAG = "snapslice.snapshot_time";

  /**
   * The moment of a new run.
   *
   * @throws MlflowException if its tags name one that cannot be read or has not come
   */
  static RunMoment of(Map<String, String> tags, Instant now) {
    return new RunMoment(
        Optional.ofNullable(tags.get(TAG)).map(text -> asked(text, now)).orElse(now));
  }

  private static Instant asked(String text, Instant now) {
    try {
      Instant moment = TimeSpec.parseAny(text).at();
      if (moment.isAfter(now) || moment.isBefore(Instant.EPOCH)) {
        throw MlflowException.invalid(
            "The tag '%s' is '%s', want a moment of the past.".formatted(TAG, text));
      }
      return moment;
    } catch (InvalidSpecException e) {
      throw MlflowException.invalid("The tag '%s': %s".formatted(TAG, e.getMessage()));
    }
  }

  long epochMillis() {
    return at.toEpochMilli();
  }

  @Override
  public String toString() {
    return new TimeSpec(at).toString();
  }
}
