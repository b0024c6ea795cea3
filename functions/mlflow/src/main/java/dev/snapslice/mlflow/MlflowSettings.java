package dev.snapslice.mlflow;

import dev.snapslice.core.artifact.ArtifactStore;
import dev.snapslice.core.permission.Permission;
import dev.snapslice.core.permission.Permissions;
import dev.snapslice.mlflow.webhooks.Destination;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code cdk deploy} tells the MLflow function in its environment.
 *
 * @param trackingTable DynamoDB table of all that MLflow keeps ({@code SNAPSLICE_TRACKING_TABLE})
 * @param catalogTable DynamoDB table of buckets and labels, which datasets may name ({@code
 *     SNAPSLICE_CATALOG_TABLE})
 * @param proxyDomain under which the read proxy is reached ({@code SNAPSLICE_PROXY_DOMAIN}); if
 *     empty, datasets are known by S3's URIs only
 * @param artifactRoot URI under which experiments keep their artifacts, unless they say otherwise
 *     ({@code SNAPSLICE_ARTIFACT_ROOT})
 * @param artifacts where those are that clients reach through us ({@code
 *     SNAPSLICE_ARTIFACT_BUCKET}, {@code SNAPSLICE_ARTIFACT_PREFIX})
 * @param defaultPermission what users may do with what they were given nothing for ({@code
 *     SNAPSLICE_DEFAULT_PERMISSION}); all, if it is not set
 * @param kept how long what was deleted can be restored; empty for ever ({@code
 *     SNAPSLICE_DELETED_RUNS_DAYS}, 0 for ever; 30 if it is not set)
 * @param webhooksQueue URL of the queue of what webhooks are told ({@code
 *     SNAPSLICE_WEBHOOKS_QUEUE_URL})
 * @param webhooksKey id of the KMS key of their secrets ({@code SNAPSLICE_WEBHOOKS_KEY_ID})
 * @param local whether S3 is on this machine, and addressed by paths
 */
record MlflowSettings(
    String trackingTable,
    String catalogTable,
    Optional<String> proxyDomain,
    String artifactRoot,
    ArtifactStore.Place artifacts,
    Permission defaultPermission,
    Optional<Duration> kept,
    String webhooksQueue,
    String webhooksKey,
    boolean local) {
  private static final String KEPT = "SNAPSLICE_DELETED_RUNS_DAYS";

  /**
   * Reads the environment.
   *
   * @throws IllegalStateException if a variable is missing; names it
   */
  static MlflowSettings from(Map<String, String> environment) {
    return new MlflowSettings(
        required(environment, "SNAPSLICE_TRACKING_TABLE"),
        required(environment, "SNAPSLICE_CATALOG_TABLE"),
        Optional.ofNullable(environment.get("SNAPSLICE_PROXY_DOMAIN")),
        required(environment, "SNAPSLICE_ARTIFACT_ROOT"),
        ArtifactStore.Place.from(environment)
            .orElseThrow(() -> missing("SNAPSLICE_ARTIFACT_BUCKET")),
        Permissions.byDefault(environment),
        kept(environment.getOrDefault(KEPT, "30")),
        required(environment, "SNAPSLICE_WEBHOOKS_QUEUE_URL"),
        required(environment, "SNAPSLICE_WEBHOOKS_KEY_ID"),
        environment.containsKey("AWS_ENDPOINT_URL"));
  }

  /** Where webhooks may point: on one's own machine, receivers are there, too. */
  Destination destination() {
    return local ? Destination.LOCAL : Destination.PUBLIC;
  }

  private static Optional<Duration> kept(String days) {
    if (!days.matches("\\d{1,5}(\\.\\d{1,6})?")) {
      throw new IllegalStateException(
          "%s=%s: want a number of days, such as 30 or 0.5; 0 for ever".formatted(KEPT, days));
    }
    Duration kept = Duration.ofMillis((long) (Double.parseDouble(days) * 86_400_000));
    return Optional.of(kept).filter(Duration::isPositive);
  }

  private static String required(Map<String, String> environment, String name) {
    String value = environment.getOrDefault(name, "");
    if (value.isBlank()) {
      throw missing(name);
    }
    return value;
  }

  private static IllegalStateException missing(String name) {
    return new IllegalStateException(
        "the environment variable " + name + " is missing: the CDK's MLflow stack sets it");
  }
}
