package dev.snapslice.core.bucket;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsRequest;

/** Lets the clock of a workplace run an hour ahead when a page of S3's version list is read. */
final class PageCounter {
  private final Workplace place;
  private final AtomicInteger read = new AtomicInteger();
  private volatile int late = Integer.MAX_VALUE;

  PageCounter(Workplace place) {
    this.place = place;
  }

  /** The first page is 1. */
  void lateFrom(int page) {
    late = page;
  }

  S3Client over(S3Client s3) {
    return (S3Client)
        Proxy.newProxyInstance(
            S3Client.class.getClassLoader(),
            new Class<?>[] {S3Client.class},
            (proxy, method, arguments) -> {
              // Ranges are looked for with a builder, pages of a range with a request.
              boolean page = arguments != null && arguments[0] instanceof ListObjectVersionsRequest;
              if (page && read.incrementAndGet() >= late) {
                place.ahead = Duration.ofHours(1);
              }
              try {
                return method.invoke(s3, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
