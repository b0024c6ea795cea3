package dev.snapslice.proxy;

import dev.snapslice.core.artifact.ArtifactStore;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What the proxy is told beside what every part of the installation is.
 *
 * @param address that it listens on ({@code SNAPSLICE_PROXY_ADDRESS}), all of the machine's if
 *     empty
 * @param port that it listens on ({@code SNAPSLICE_PROXY_PORT})
 * @param domain under which it is reached: names before it are buckets or specs ({@code
 *     SNAPSLICE_PROXY_DOMAIN})
 * @param scheme by which it is reached: {@code https} where TLS ends before it ({@code
 *     SNAPSLICE_PROXY_SCHEME}), {@code http} if empty
 * @param auditKeys whether keys of objects stand in the audit's lines ({@code
 *     SNAPSLICE_PROXY_AUDIT_KEYS}), if it is {@code true}
 * @param labelsAsBuckets whether ListBuckets shows labels as buckets, too ({@code
 *     SNAPSLICE_PROXY_LABELS_AS_BUCKETS}), if it is {@code true}
 * @param originTimeout after which an origin that sends nothing is given up ({@code
 *     SNAPSLICE_PROXY_ORIGIN_TIMEOUT_SECONDS}), 30 seconds if empty
 * @param region of the installation ({@code AWS_REGION})
 * @param artifacts where MLflow's are ({@code SNAPSLICE_ARTIFACT_BUCKET}, {@code
 *     SNAPSLICE_ARTIFACT_PREFIX}); without a bucket none are served
 */
record ProxySettings(
    String address,
    int port,
    String domain,
    String scheme,
    boolean auditKeys,
    boolean labelsAsBuckets,
    Duration originTimeout,
    String region,
    Optional<ArtifactStore.Place> artifacts) {

  /**
   * Reads the environment.
   *
   * @throws IllegalStateException if a variable is missing or cannot be read; names it
   */
  static ProxySettings from(Map<String, String> environment) {
    String port = required(environment, "SNAPSLICE_PROXY_PORT");
    if (!port.matches("[0-9]{1,5}")) {
      throw new IllegalStateException("SNAPSLICE_PROXY_PORT=" + port + ": want a port");
    }
    String scheme = environment.getOrDefault("SNAPSLICE_PROXY_SCHEME", "http");
    if (!scheme.matches("https?")) {
      throw new IllegalStateException("SNAPSLICE_PROXY_SCHEME=" + scheme + ": want http or https");
    }
    String timeout = environment.getOrDefault("SNAPSLICE_PROXY_ORIGIN_TIMEOUT_SECONDS", "30");
    if (!timeout.matches("[1-9][0-9]{0,2}")) {
      throw new IllegalStateException(
          "SNAPSLICE_PROXY_ORIGIN_TIMEOUT_SECONDS=" + timeout + ": want 1 to 999 seconds");
    }
    return new ProxySettings(
        environment.getOrDefault("SNAPSLICE_PROXY_ADDRESS", "0.0.0.0"),
        Integer.parseInt(port),
        required(environment, "SNAPSLICE_PROXY_DOMAIN"),
        scheme,
        is(environment, "SNAPSLICE_PROXY_AUDIT_KEYS"),
        is(environment, "SNAPSLICE_PROXY_LABELS_AS_BUCKETS"),
        Duration.ofSeconds(Long.parseLong(timeout)),
        required(environment, "AWS_REGION"),
        ArtifactStore.Place.from(environment));
  }

  private static boolean is(Map<String, String> environment, String name) {
    return environment.getOrDefault(name, "").equals("true");
  }

  private static String required(Map<String, String> environment, String name) {
    String value = environment.getOrDefault(name, "");
    if (value.isBlank()) {
      throw new IllegalStateException("the environment variable " + name + " is missing");
    }
    return value;
  }
}
