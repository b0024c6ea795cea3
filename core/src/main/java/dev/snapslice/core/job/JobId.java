package dev.snapslice.core.job;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * Names a job among those of a bucket; written {@code bucket/number}, as tasks carry it.
 *
 * @param bucket whose history it is about
 * @param number sorts by when the job was made
 */
public record JobId(String bucket, String number) {
  private static final String NUMBER = "[0-9a-f-]{1,64}";

  public JobId {
    if (!number.matches(NUMBER)) {
      throw new IllegalArgumentException("'" + number + "' does not name a job");
    }
  }

  /** The name that somebody asks for; empty if it is none. */
  public static Optional<JobId> of(String bucket, String number) {
    return number.matches(NUMBER) ? Optional.of(new JobId(bucket, number)) : Optional.empty();
  }

  /** A new name, which sorts after those made before. */
  public static JobId next(String bucket, Instant now) {
    String random = UUID.randomUUID().toString().substring(24);
    return new JobId(bucket, "%012x-%s".formatted(now.toEpochMilli(), random));
  }

  /**
   * Reads what {@link #toString} wrote.
   *
   * @throws IllegalArgumentException if the text names no job
   */
  public static JobId parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException("'" + text + "' does not name a job: want bucket/number");
    }
    return new JobId(text.substring(0, slash), text.substring(slash + 1));
  }

  @Override
  public String toString() {
    return bucket + "/" + number;
  }
}
