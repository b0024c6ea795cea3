package dev.snapslice.ingest;

import java.time.Duration;
import java.time.Instant;

/** What a batch came to, for its metrics. For one thread. */
final class Tally {
  private long events;
  private long late;
  private long failed;
  private long ignored;
  private long unregistered;
  private long malformed;
  private Duration lag = Duration.ZERO;
  private Duration longestLag = Duration.ZERO;

  /** A fact is durable. */
  void recorded(Instant time, Instant arrival, boolean isLate) {
    events++;
    late += isLate ? 1 : 0;
    Duration its = Duration.between(time, arrival);
    lag = lag.plus(its);
    longestLag = its.compareTo(longestLag) > 0 ? its : longestLag;
  }

  void failed(long facts) {
    failed += facts;
  }

  void ignored() {
    ignored++;
  }

  void unregistered(long facts) {
    unregistered += facts;
  }

  void malformed() {
    malformed++;
  }

  long events() {
    return events;
  }

  long lateEvents() {
    return late;
  }

  long failedEvents() {
    return failed;
  }

  long ignoredEvents() {
    return ignored;
  }

  long unregisteredEvents() {
    return unregistered;
  }

  long malformedMessages() {
    return malformed;
  }

  /** From the moments that S3 gave the facts to the moment at which they were durable, at most. */
  Duration longestLag() {
    return longestLag;
  }

  Duration averageLag() {
    return events == 0 ? Duration.ZERO : lag.dividedBy(events);
  }
}
