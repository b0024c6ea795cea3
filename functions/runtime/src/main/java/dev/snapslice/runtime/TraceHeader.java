package dev.snapslice.runtime;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where in which trace we are, as Lambda tells a sampled invocation.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader">Tracing
 *     header</a>
 */
record TraceHeader(String trace, String parent) {
  private static final Pattern TRACE = Pattern.compile("Root=(1-[0-9a-f]{8}-[0-9a-f]{24})");
  private static final Pattern PARENT = Pattern.compile("Parent=([0-9a-f]{16})");

  /** Of the invocation that runs; empty if its trace is not sampled. */
  static Optional<TraceHeader> current() {
    String property = System.getProperty("com.amazonaws.xray.traceHeader");
    String text = property == null ? System.getenv("_X_AMZN_TRACE_ID") : property;
    return text == null ? Optional.empty() : parse(text);
  }

  static Optional<TraceHeader> parse(String text) {
    Matcher trace = TRACE.matcher(text);
    Matcher parent = PARENT.matcher(text);
    return text.contains("Sampled=1") && trace.find() && parent.find()
        ? Optional.of(new TraceHeader(trace.group(1), parent.group(1)))
        : Optional.empty();
  }

  TraceHeader under(String id) {
    return new TraceHeader(trace, id);
  }
}
