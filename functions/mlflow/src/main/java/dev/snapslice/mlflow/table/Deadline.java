package dev.snapslice.mlflow.table;

import java.time.Instant;
import java.time.InstantSource;

/** The moment at which work stops that may stop anywhere. */
public record Deadline(InstantSource clock, Instant at) {
  public static final Deadline NONE = new Deadline(() -> Instant.MIN, Instant.MAX);

  /** Stops who works. */
  public static final class PassedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PassedException() {
      super("time is over");
    }
  }

  public boolean passed() {
    return !clock.instant().isBefore(at);
  }

  /**
   * Lets who works go on.
   *
   * @throws PassedException if the moment has come
   */
  public void check() {
    if (passed()) {
      throw new PassedException();
    }
  }
}
