package dev.snapslice.core.testing;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import software.amazon.awssdk.services.s3.S3Client;

/** S3 as it is called by a process that dies: S3 has done its part, and nobody hears of it. */
public final class MortalS3 {
  private MortalS3() {}

  /** The process is gone. */
  public static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** Dies right after a call, counted from 1; whatever it still calls is not done. */
  public static S3Client killedAfter(int call, S3Client s3) {
    AtomicInteger calls = new AtomicInteger();
    return (S3Client)
        Proxy.newProxyInstance(
            S3Client.class.getClassLoader(),
            new Class<?>[] {S3Client.class},
            (proxy, method, arguments) -> {
              if (method.isDefault()
                  && (method.getParameterTypes()[0] == Consumer.class
                      || method.getName().endsWith("Paginator"))) {
                return InvocationHandler.invokeDefault(proxy, method, arguments);
              }
              int number = calls.incrementAndGet();
              if (number > call) {
                throw new Killed();
              }
              try {
                Object answer = method.invoke(s3, arguments);
                if (number == call) {
                  throw new Killed();
                }
                return answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
