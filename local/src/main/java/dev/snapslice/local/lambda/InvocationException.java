package dev.snapslice.local.lambda;

/**
 * A function did not answer: it threw, timed out, or its process ended. The message is what Lambda
 * would give the caller ({@code errorMessage} and {@code errorType}, as JSON, where the function
 * threw).
 */
public final class InvocationException extends Exception {
  private static final long serialVersionUID = 1L;

  InvocationException(String message) {
    super(message);
  }

  InvocationException(String message, Throwable cause) {
    super(message, cause);
  }
}
