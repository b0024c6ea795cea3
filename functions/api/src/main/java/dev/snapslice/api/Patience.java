package dev.snapslice.api;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for work that may take longer than a request can. */
final class Patience {
  /** API Gateway waits for 30 seconds. */
  private static final Duration MOST = Duration.ofSeconds(20);

  private Patience() {}

  /** The result, if it comes in time. */
  static <T> Optional<T> await(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread working = Thread.ofVirtual().start(task);
    try {
      return Optional.of(task.get(MOST.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      working.interrupt();
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    }
  }
}
