package dev.snapslice.local.lambda;

/** What answers events, as a function does. */
@FunctionalInterface
public interface Invocable {
  /**
   * Hands an event over and waits for the answer.
   *
   * @throws InvocationException if there is none
   */
  byte[] invoke(byte[] event) throws InvocationException;
}
