package dev.snapslice.core.access;

/** The caller is known, and may not do that. The message tells what is missing, and no more. */
public final class ForbiddenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ForbiddenException(String message) {
    super(message);
  }
}
