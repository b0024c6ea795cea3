package dev.snapslice.runtime;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A span of work within the trace that Lambda began for an invocation, told to the X-Ray daemon
 * when it ends. Does nothing where the trace is not sampled, or nobody traces. For one thread.
 *
 * <p>The daemon's protocol is one line of header and one JSON document in a datagram, so this
 * stands for an SDK of some MiB.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html">Segment
 *     documents</a>
 */
final class Subsegment {
  private static final ThreadLocal<Subsegment> CURRENT = new ThreadLocal<>();

  private final String name;
  private final Optional<TraceHeader> parent;
  private final String id = "%016x".formatted(ThreadLocalRandom.current().nextLong());
  private final Instant start = Instant.now();

  private Subsegment(String name, Optional<TraceHeader> parent) {
    this.name = name;
    this.parent = parent;
  }

  /** Begins a span of the invocation; the calls that this thread makes meanwhile are its own. */
  static Subsegment ofInvocation(String name) {
    Subsegment invocation = new Subsegment(name, TraceHeader.current());
    CURRENT.set(invocation);
    return invocation;
  }

  /** Begins a span of a call to a service. */
  static Subsegment ofCall(String service) {
    Subsegment within = CURRENT.get();
    return within == null
        ? new Subsegment(service, TraceHeader.current())
        : new Subsegment(service, within.parent.map(header -> header.under(within.id)));
  }

  /** Ends the invocation's span. */
  void end(boolean failed) {
    CURRENT.remove();
    parent.ifPresent(header -> TraceDaemon.send(document(header, failed) + "}"));
  }

  /** Ends a call's span. */
  void end(boolean failed, String operation) {
    parent.ifPresent(header ->
        TraceDaemon.send(
            document(header, failed)
                + ",\"namespace\":\"aws\",\"aws\":{\"operation\":\"%s\"}}".formatted(operation)));
  }

  /** Names and operations are words of ours and of AWS: nothing in them has to be escaped. */
  private String document(TraceHeader header, boolean failed) {
    return ("{\"type\":\"subsegment\",\"name\":\"%s\",\"id\":\"%s\",\"trace_id\":\"%s\","
            + "\"parent_id\":\"%s\",\"start_time\":%s,\"end_time\":%s,\"fault\":%s")
        .formatted(
            name,
            id,
            header.trace(),
            header.parent(),
            seconds(start),
            seconds(Instant.now()),
            failed);
  }

  private static String seconds(Instant moment) {
    return "%d.%06d".formatted(moment.getEpochSecond(), moment.getNano() / 1000);
  }
}
