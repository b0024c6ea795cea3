package dev.snapslice.proxy.view;

import java.time.Duration;

/** A view that cannot be opened; the message says why. Each protocol has its own words for it. */
public final class ViewException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** When to ask again about a view that is {@link Reason#NOT_YET}. */
  public static final Duration RETRY = Duration.ofSeconds(5);

  private final Reason reason;
  private final String bucket;

  /** What was wrong. */
  public enum Reason {
    NO_SUCH_BUCKET,
    /** Of a label or a run. */
    NO_SUCH_NAME,
    /** It names no moment, or one that has not come. */
    INVALID,
    /** The index has not reached the moment. */
    NOT_YET
  }

  ViewException(Reason reason, String message) {
    this(reason, "", message);
  }

  ViewException(Reason reason, String bucket, String message) {
    super(message, null, false, false);
    this.reason = reason;
    this.bucket = bucket;
  }

  public Reason reason() {
    return reason;
  }

  /** The bucket that was not found; empty if that was not the reason. */
  public String bucket() {
    return bucket;
  }
}
