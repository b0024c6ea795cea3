package dev.snapslice.core.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Kills a program at one of its calls to services, before or after the call has had its effect: the
 * call throws, and so does every call after it, until the program is started again.
 */
public final class Crash {
  /** The program is dead. */
  public static final class CrashedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private final AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
  private volatile boolean withEffect;

  /** A client whose calls count. */
  public <T> T over(Class<T> type, T client) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              int after = left.decrementAndGet();
              if (after < 0 || (after == 0 && !withEffect)) {
                throw new CrashedException();
              }
              try {
                Object result = method.invoke(client, arguments);
                if (after == 0) {
                  throw new CrashedException();
                }
                return result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  /** At the n-th call from now, the first being 1. */
  public void at(int call, boolean withEffect) {
    this.withEffect = withEffect;
    left.set(call);
  }

  /** The program is started again, and does not die. */
  public void restart() {
    left.set(Integer.MAX_VALUE);
  }
}
