package dev.snapslice.signin;

/** Nobody is signed in by that. The message is for who tried; the cause is for the log. */
final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  private RefusedException(int status, String message, Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  /** What a browser brings is not what it was given, or not what the provider gives. */
  static RefusedException invalid(String message) {
    return new RefusedException(400, message, null);
  }

  static RefusedException invalid(String message, Throwable cause) {
    return new RefusedException(400, message, cause);
  }

  static RefusedException forbidden(String message) {
    return new RefusedException(403, message, null);
  }

  static RefusedException noRoute() {
    return new RefusedException(404, "There is no such page.", null);
  }

  static RefusedException unavailable(Throwable cause) {
    return new RefusedException(
        503, "Who you are cannot be asked just now. Try again in a minute.", cause);
  }

  int status() {
    return status;
  }
}
