package dev.snapslice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import dev.snapslice.core.json.Json;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");

  private CacheStats versions = CacheStats.empty();
  private final Metrics metrics = new Metrics(() -> versions, InstantSource.fixed(NOW));

  private void versions(long known, long lookedUp) {
    versions = CacheStats.of(known, lookedUp, 0, 0, 0, 0, 0);
  }

  @Test
  void tells_what_was_served_since_the_last_line() throws Exception {
    metrics.served(200, 10);
    metrics.served(503, 5);
    metrics.served(200, -1);
    versions(1, 1);
    JsonNode first = Json.MAPPER.readTree(metrics.line());
    versions(2, 1);
    JsonNode second = Json.MAPPER.readTree(metrics.line());

    assertThat(first.path("Requests").asInt()).isEqualTo(3);
    assertThat(first.path("Failures").asInt()).isEqualTo(2);
    assertThat(first.path("BytesSent").asInt()).isEqualTo(15);
    assertThat(first.path("VersionsKnown").asInt()).isEqualTo(1);
    assertThat(first.path("VersionsLookedUp").asInt()).isEqualTo(1);
    assertThat(second.path("Requests").asInt()).isZero();
    assertThat(second.path("VersionsKnown").asInt()).isEqualTo(1);
  }

  @Test
  void names_each_metric_where_cloudwatch_looks_for_it() throws Exception {
    JsonNode line = Json.MAPPER.readTree(metrics.line());
    JsonNode directive = line.at("/_aws/CloudWatchMetrics/0");

    assertThat(line.at("/_aws/Timestamp").asLong()).isEqualTo(NOW.toEpochMilli());
    assertThat(directive.path("Namespace").asText()).isEqualTo("Snapslice");
    assertThat(directive.at("/Dimensions/0/0").asText()).isEqualTo("service");
    assertThat(line.path("service").asText()).isEqualTo("proxy");
    assertThat(directive.path("Metrics").findValuesAsText("Name"))
        .hasSize(5)
        .allMatch(name -> line.path(name).isIntegralNumber());
  }
}
