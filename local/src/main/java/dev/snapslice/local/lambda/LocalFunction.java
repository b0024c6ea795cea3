package dev.snapslice.local.lambda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.Semaphore;

/**
 * A deployed function that can be invoked: as in Lambda, an idle execution environment takes the
 * event, or a new one is started for it, up to the concurrency given; beyond that callers wait.
 * Thread-safe.
 */
public final class LocalFunction implements AutoCloseable, Invocable {
  private final FunctionSpec spec;
  private final Path log;
  private final Semaphore concurrency;
  private final BlockingDeque<ExecutionEnvironment> idle = new LinkedBlockingDeque<>();
  private final Set<ExecutionEnvironment> all = ConcurrentHashMap.newKeySet();

  /**
   * A function none of whose environments run yet.
   *
   * @param concurrency how many events may be handled at the same time
   * @param log the file to which the function's output is appended
   */
  public LocalFunction(FunctionSpec spec, int concurrency, Path log) {
    this.spec = spec;
    this.log = log;
    this.concurrency = new Semaphore(concurrency, true);
  }

  /** What is run here. */
  public FunctionSpec spec() {
    return spec;
  }

  /**
   * Hands the event to the function and waits for its answer.
   *
   * @throws InvocationException the function threw, timed out or died; it is started anew the next
   *     time where it has to be
   */
  @Override
  public byte[] invoke(byte[] event) throws InvocationException {
    concurrency.acquireUninterruptibly();
    try {
      ExecutionEnvironment environment = idle.pollFirst();
      if (environment == null) {
        environment = start();
      }
      try {
        return environment.invoke(event, spec.timeout());
      } finally {
        if (environment.isAlive()) {
          idle.addFirst(environment);
        } else {
          all.remove(environment);
          environment.close();
        }
      }
    } finally {
      concurrency.release();
    }
  }

  /** Ends every environment of the function. */
  @Override
  public void close() {
    all.forEach(ExecutionEnvironment::close);
  }

  private ExecutionEnvironment start() {
    try {
      var environment = ExecutionEnvironment.start(spec, log);
      all.add(environment);
      return environment;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start a process for " + spec.name(), e);
    }
  }
}
