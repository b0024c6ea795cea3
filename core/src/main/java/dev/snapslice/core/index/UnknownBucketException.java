package dev.snapslice.core.index;

/** The index was never created for this bucket. */
public final class UnknownBucketException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnknownBucketException(String bucket) {
    super("there is no index for bucket '%s': register and enable it first".formatted(bucket));
  }
}
