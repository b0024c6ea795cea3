package dev.snapslice.proxy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import dev.snapslice.core.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * What this process served in each minute: a line of its log, of which CloudWatch makes metrics
 * (namespace {@code Snapslice}, service {@code proxy}). Thread-safe.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html">
 *     Embedded metric format</a>
 */
final class Metrics {
  private static final Duration PERIOD = Duration.ofMinutes(1);

  private final LongAdder requests = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final Supplier<CacheStats> versions;
  private final InstantSource clock;
  private CacheStats told = CacheStats.empty();

  private record Metric(String unit, long value) {}

  /** Versions: how often it was known which one a view shows, since the process started. */
  Metrics(Supplier<CacheStats> versions, InstantSource clock) {
    this.versions = versions;
    this.clock = clock;
  }

  /** A request was answered with so many bytes, -1 if its body broke off. */
  void served(int status, long sent) {
    requests.increment();
    if (status >= 500 || sent < 0) {
      failures.increment();
    }
    bytes.add(Math.max(0, sent));
  }

  /** Tells of every minute from now on, as long as the process lives. */
  void start() {
    Thread.ofVirtual()
        .start(() -> {
          while (true) {
            try {
              Thread.sleep(PERIOD);
            } catch (InterruptedException e) {
              return;
            }
            System.out.println(line());
          }
        });
  }

  /** What happened since the last line. */
  synchronized String line() {
    CacheStats now = versions.get();
    CacheStats since = now.minus(told);
    told = now;
    Map<String, Metric> metrics = new LinkedHashMap<>();
    metrics.put("Requests", new Metric("Count", requests.sumThenReset()));
    metrics.put("Failures", new Metric("Count", failures.sumThenReset()));
    metrics.put("BytesSent", new Metric("Bytes", bytes.sumThenReset()));
    metrics.put("VersionsKnown", new Metric("Count", since.hitCount()));
    metrics.put("VersionsLookedUp", new Metric("Count", since.missCount()));
    return embedded(metrics, clock.instant());
  }

  private static String embedded(Map<String, Metric> metrics, Instant time) {
    ObjectNode line = Json.MAPPER.createObjectNode();
    ObjectNode header = line.putObject("_aws").put("Timestamp", time.toEpochMilli());
    ObjectNode directive = header.putArray("CloudWatchMetrics").addObject();
    directive.put("Namespace", "Snapslice");
    directive.set("Dimensions", Json.MAPPER.valueToTree(List.of(List.of("service"))));
    line.put("service", "proxy");
    metrics.forEach((name, metric) -> {
      directive.withArray("Metrics").addObject().put("Name", name).put("Unit", metric.unit());
      line.put(name, metric.value());
    });
    return line.toString();
  }
}
