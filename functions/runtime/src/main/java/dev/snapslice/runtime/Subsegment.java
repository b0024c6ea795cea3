package dev.snapslice.runtime;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

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

  private final Consumer<String> daemon;

  private Subsegment(String name, Optional<TraceHeader> parent, Consumer<String> daemon) {
    this.name = name;
    this.parent = parent;
    this.daemon = daemon;
  }

  /** Begins a span of the invocation; the calls that this thread makes meanwhile are its own. */
  static Subsegment ofInvocation(String name, Consumer<String> daemon) {
    Subsegment invocation = new Subsegment(name, TraceHeader.current(), daemon);
    CURRENT.set(invocation);
    return invocation;
  }

  /** Begins a span of a call to a service. */
  static Subsegment ofCall(String service, Consumer<String> daemon) {
    Subsegment within = CURRENT.get();
    Optional<TraceHeader> parent =
        within == null
            ? TraceHeader.current()
            : within.parent.map(header -> header.under(within.id));
    return new Subsegment(service, parent, daemon);
  }

  /** Ends the invocation's span. */
  void end(boolean failed) {
    CURRENT.remove();
    parent.ifPresent(header -> daemon.accept(document(header, failed) + "}"));
  }

  /** Ends a call's span. */
  void end(boolean failed, String operation) {
    parent.ifPresent(header ->
        daemon.accept(
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
