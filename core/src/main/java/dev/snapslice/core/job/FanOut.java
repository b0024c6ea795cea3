package dev.snapslice.core.job;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/** Does one thing to many items on virtual threads, a bounded number at a time. Thread-safe. */
public final class FanOut {
  private final Semaphore permits;

  public FanOut(int atOnce) {
    this.permits = new Semaphore(atOnce);
  }

  /**
   * The results in the items' order. Returns or throws when all are done; throws what the first of
   * them in that order threw.
   */
  public <A, B> List<B> map(List<A> items, Function<A, B> work) {
    List<Future<B>> futures = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (A item : items) {
        futures.add(threads.submit(() -> bounded(item, work)));
      }
    }
    List<B> results = new ArrayList<>();
    for (Future<B> future : futures) {
      results.add(result(future));
    }
    return results;
  }

  private <A, B> B bounded(A item, Function<A, B> work) {
    permits.acquireUninterruptibly();
    try {
      return work.apply(item);
    } finally {
      permits.release();
    }
  }

  private static <B> B result(Future<B> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        default -> throw new IllegalStateException(e.getCause());
      }
    }
  }
}
