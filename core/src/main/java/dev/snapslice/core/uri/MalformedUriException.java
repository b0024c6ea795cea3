package dev.snapslice.core.uri;

/** A path or query that is no encoded UTF-8; the message says how. */
public final class MalformedUriException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MalformedUriException(String message) {
    super(message, null, false, false);
  }
}
