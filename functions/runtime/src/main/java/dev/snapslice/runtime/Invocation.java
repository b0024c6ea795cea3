package dev.snapslice.runtime;

import com.amazonaws.services.lambda.runtime.Context;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import software.amazon.lambda.powertools.logging.PowertoolsLogging;
import software.amazon.lambda.powertools.metrics.Metrics;
import software.amazon.lambda.powertools.metrics.MetricsFactory;
import software.amazon.lambda.powertools.metrics.model.DimensionSet;
import software.amazon.lambda.powertools.metrics.model.MetricUnit;

/**
 * One request, batch or task that a function handles: its keys are on every line that is logged
 * meanwhile, it ends with one line at INFO that tells what was noted, its metrics go to CloudWatch
 * (namespace and service from the environment), and it is a subsegment of Lambda's trace. For the
 * thread that runs it.
 */
public final class Invocation {
  private static final Logger log = LoggerFactory.getLogger(Invocation.class);

  // Where no CDK has set them: in tests.
  private static final String NAMESPACE =
      System.getenv().getOrDefault("POWERTOOLS_METRICS_NAMESPACE", "Snapslice");
  private static final String SERVICE =
      System.getenv().getOrDefault("POWERTOOLS_SERVICE_NAME", "test");

  private final Context context;
  private final Metrics metrics = MetricsFactory.getMetricsInstance();
  private final Map<String, Object> notes = new LinkedHashMap<>();

  private Invocation(Context context) {
    this.context = context;
    metrics.setNamespace(NAMESPACE);
    // Powertools would call it Service; the alarms and the dashboard write it small.
    metrics.setDefaultDimensions(DimensionSet.of("service", SERVICE));
    metrics.setRaiseOnEmptyMetrics(false);
  }

  /** What a function does in one invocation. */
  @FunctionalInterface
  public interface Work<T, E extends Exception> {
    T run(Invocation invocation) throws E;
  }

  /**
   * Does the work. What it throws is logged and thrown on, for Lambda to count.
   *
   * @param name of what is handled, as in "batch": the message of the line and of the subsegment
   */
  public static <T, E extends Exception> T run(String name, Context context, Work<T, E> work)
      throws E {
    PowertoolsLogging.initializeLogging(context);
    Invocation invocation = new Invocation(context);
    long start = System.nanoTime();
    Subsegment span = Subsegment.ofInvocation(name, TraceDaemon::send);
    boolean failed = true;
    try {
      T result = work.run(invocation);
      failed = false;
      invocation.close(log.atInfo(), name, start);
      return result;
    } catch (Exception e) {
      invocation.close(log.atError().setCause(e), name, start);
      throw e;
    } finally {
      span.end(failed);
      PowertoolsLogging.clearState(true);
    }
  }

  private void close(LoggingEventBuilder line, String name, long start) {
    LoggingEventBuilder event = line;
    for (var note : notes.entrySet()) {
      event = event.addKeyValue(note.getKey(), note.getValue());
    }
    event.addKeyValue("millis", (System.nanoTime() - start) / 1_000_000).log(name);
    metrics.flush();
  }

  /** Puts a value on the line that ends this invocation. Never a secret or an object's key. */
  public Invocation note(String key, Object value) {
    notes.put(key, value);
    return this;
  }

  /** Adds to a metric that counts; on the line, too, if there is something to count. */
  public void count(String metric, long many) {
    if (many != 0) {
      note(metric, many);
    }
    metrics.addMetric(metric, (double) many, MetricUnit.COUNT);
  }

  /** Adds a measurement. */
  public void measure(String metric, double value, MetricUnit unit) {
    metrics.addMetric(metric, value, unit);
  }

  /** How long the function may still run. */
  public Duration remaining() {
    return Duration.ofMillis(context.getRemainingTimeInMillis());
  }
}
