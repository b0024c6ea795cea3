package dev.snapslice.core.index;

/** DynamoDB throttles, or others write the same pages: try again later. Nothing is lost. */
public final class IndexBusyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  IndexBusyException(String message) {
    super(message);
  }
}
