package dev.snapslice.core.install;

import dev.snapslice.core.permission.Permission;
import dev.snapslice.core.permission.Permissions;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code cdk deploy} tells every function in its environment: the tables, queues and key of
 * this installation.
 *
 * @param indexTable DynamoDB table of the time index ({@code SNAPSLICE_INDEX_TABLE})
 * @param catalogTable DynamoDB table of buckets, labels, keys and jobs ({@code
 *     SNAPSLICE_CATALOG_TABLE})
 * @param trackingTable DynamoDB table of MLflow, whose runs have moments ({@code
 *     SNAPSLICE_TRACKING_TABLE})
 * @param eventsQueueUrl takes S3 events ({@code SNAPSLICE_EVENTS_QUEUE_URL})
 * @param eventsQueueArn what a bucket's notifications name ({@code SNAPSLICE_EVENTS_QUEUE_ARN})
 * @param eventsDlqUrl takes events that failed ({@code SNAPSLICE_EVENTS_DLQ_URL})
 * @param tasksQueueUrl takes maintenance tasks ({@code SNAPSLICE_TASKS_QUEUE_URL})
 * @param keyId KMS key that secrets are derived from ({@code SNAPSLICE_KEY_ID})
 * @param settle how long an event may take to the queue ({@code SNAPSLICE_SETTLE_SECONDS}, whole
 *     seconds)
 * @param defaultPermission what users of MLflow may do with what they were given nothing for
 *     ({@code SNAPSLICE_DEFAULT_PERMISSION}); all, if it is not set
 * @param awsEndpoint where AWS is, if not in AWS ({@code AWS_ENDPOINT_URL}): a local stack
 */
public record Installation(
    String indexTable,
    String catalogTable,
    String trackingTable,
    String eventsQueueUrl,
    String eventsQueueArn,
    String eventsDlqUrl,
    String tasksQueueUrl,
    String keyId,
    Duration settle,
    Permission defaultPermission,
    Optional<URI> awsEndpoint) {

  /**
   * Reads the environment.
   *
   * @throws IllegalStateException if a variable is missing or no number; names it
   */
  public static Installation from(Map<String, String> environment) {
    return new Installation(
        required(environment, "SNAPSLICE_INDEX_TABLE"),
        required(environment, "SNAPSLICE_CATALOG_TABLE"),
        required(environment, "SNAPSLICE_TRACKING_TABLE"),
        required(environment, "SNAPSLICE_EVENTS_QUEUE_URL"),
        required(environment, "SNAPSLICE_EVENTS_QUEUE_ARN"),
        required(environment, "SNAPSLICE_EVENTS_DLQ_URL"),
        required(environment, "SNAPSLICE_TASKS_QUEUE_URL"),
        required(environment, "SNAPSLICE_KEY_ID"),
        seconds(required(environment, "SNAPSLICE_SETTLE_SECONDS")),
        Permissions.byDefault(environment),
        Optional.ofNullable(environment.get("AWS_ENDPOINT_URL")).map(URI::create));
  }

  private static String required(Map<String, String> environment, String name) {
    String value = environment.getOrDefault(name, "");
    if (value.isBlank()) {
      throw new IllegalStateException(
          "the environment variable " + name + " is missing: the CDK's functions stack sets it");
    }
    return value;
  }

  private static Duration seconds(String value) {
    try {
      return Duration.ofSeconds(Long.parseLong(value));
    } catch (NumberFormatException e) {
      throw new IllegalStateException(
          "SNAPSLICE_SETTLE_SECONDS=" + value + ": want whole seconds", e);
    }
  }

  /** Whether this is a local stack: path-style addresses, and stores on this machine. */
  public boolean local() {
    return awsEndpoint.isPresent();
  }
}
