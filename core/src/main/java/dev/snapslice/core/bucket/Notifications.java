package dev.snapslice.core.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.snapslice.core.json.Json;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.PutTargetsResponse;
import software.amazon.awssdk.services.eventbridge.model.ResourceNotFoundException;
import software.amazon.awssdk.services.eventbridge.model.Target;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.Event;
import software.amazon.awssdk.services.s3.model.EventBridgeConfiguration;
import software.amazon.awssdk.services.s3.model.NotificationConfiguration;
import software.amazon.awssdk.services.s3.model.QueueConfiguration;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * How a bucket tells our queue of its changes: by a queue configuration among its notifications, or
 * by its EventBridge switch and a rule. What others configured stays as it is. Thread-safe.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html">Event
 *     notifications</a>
 */
final class Notifications {
  /** Of our queue configuration in the bucket, and of our target in the rule. */
  static final String ID = "snapslice";

  private static final List<Event> EVENTS =
      List.of(Event.S3_OBJECT_CREATED, Event.S3_OBJECT_REMOVED, Event.S3_LIFECYCLE_EXPIRATION);
  private static final int HASH_DIGITS = 24;

  private final Supplier<EventBridgeClient> eventBridge;
  private final String queueArn;

  Notifications(Supplier<EventBridgeClient> eventBridge, String queueArn) {
    this.eventBridge = eventBridge;
    this.queueArn = queueArn;
  }

  /** The region of our queue, which has to be the bucket's. */
  String region() {
    return queueArn.split(":", -1)[3];
  }

  /**
   * Adds our queue to a bucket's notifications, if it is not among them.
   *
   * @return false if those that are there leave no room for ours
   */
  boolean addQueue(S3Client s3, String bucket) {
    NotificationConfiguration now = read(s3, bucket);
    if (now.queueConfigurations().stream().anyMatch(this::isOurs)) {
      return true;
    }
    if (isTaken(now)) {
      return false;
    }
    List<QueueConfiguration> queues = new ArrayList<>(now.queueConfigurations());
    queues.add(QueueConfiguration.builder().id(ID).queueArn(queueArn).events(EVENTS).build());
    try {
      write(s3, bucket, now.toBuilder().queueConfigurations(queues).build());
      return true;
    } catch (S3Exception e) {
      if (refusesOverlap(e)) {
        return false;
      }
      throw e;
    }
  }

  private static boolean refusesOverlap(S3Exception e) {
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    return "InvalidArgument".equals(e.awsErrorDetails().errorCode())
        && (message.contains("overlap") || message.contains("ambiguous"));
  }

  /** Another installation's configuration may have our ID; S3 takes an ID once. */
  private static boolean isTaken(NotificationConfiguration now) {
    return now.queueConfigurations().stream().anyMatch(c -> ID.equals(c.id()))
        || now.topicConfigurations().stream().anyMatch(c -> ID.equals(c.id()))
        || now.lambdaFunctionConfigurations().stream().anyMatch(c -> ID.equals(c.id()));
  }

  private boolean isOurs(QueueConfiguration configuration) {
    return ID.equals(configuration.id()) && queueArn.equals(configuration.queueArn());
  }

  void removeQueue(S3Client s3, String bucket) {
    NotificationConfiguration now = read(s3, bucket);
    List<QueueConfiguration> others =
        now.queueConfigurations().stream().filter(c -> !isOurs(c)).toList();
    if (others.size() < now.queueConfigurations().size()) {
      write(s3, bucket, now.toBuilder().queueConfigurations(others).build());
    }
  }

  /** Whether the bucket tells EventBridge of its changes. */
  boolean isBridged(S3Client s3, String bucket) {
    return read(s3, bucket).eventBridgeConfiguration() != null;
  }

  void bridge(S3Client s3, String bucket) {
    NotificationConfiguration now = read(s3, bucket);
    if (now.eventBridgeConfiguration() == null) {
      EventBridgeConfiguration on = EventBridgeConfiguration.builder().build();
      write(s3, bucket, now.toBuilder().eventBridgeConfiguration(on).build());
    }
  }

  void unbridge(S3Client s3, String bucket) {
    NotificationConfiguration now = read(s3, bucket);
    if (now.eventBridgeConfiguration() != null) {
      EventBridgeConfiguration off = null;
      write(s3, bucket, now.toBuilder().eventBridgeConfiguration(off).build());
    }
  }

  private static NotificationConfiguration read(S3Client s3, String bucket) {
    var now = s3.getBucketNotificationConfiguration(r -> r.bucket(bucket));
    return NotificationConfiguration.builder()
        .topicConfigurations(now.topicConfigurations())
        .queueConfigurations(now.queueConfigurations())
        .lambdaFunctionConfigurations(now.lambdaFunctionConfigurations())
        .eventBridgeConfiguration(now.eventBridgeConfiguration())
        .build();
  }

  private static void write(S3Client s3, String bucket, NotificationConfiguration next) {
    s3.putBucketNotificationConfiguration(r -> r.bucket(bucket).notificationConfiguration(next));
  }

  /** Makes the rule on the default bus that sends the bucket's events to our queue. */
  void addRule(String bucket) {
    String rule = rule(bucket);
    eventBridge
        .get()
        .putRule(r ->
            r.name(rule)
                .description("Snapslice: changes of the bucket " + bucket)
                .eventPattern(Json.write(pattern(bucket))));
    PutTargetsResponse answer =
        eventBridge
            .get()
            .putTargets(r -> r.rule(rule).targets(Target.builder().id(ID).arn(queueArn).build()));
    if (answer.failedEntryCount() > 0) {
      throw new ObstacleException(
          "EventBridge does not take our queue as target of the rule '%s': %s"
              .formatted(rule, answer.failedEntries().getFirst().errorMessage()));
    }
  }

  private static Map<String, Object> pattern(String bucket) {
    return Map.of(
        "source", List.of("aws.s3"),
        "detail-type", List.of("Object Created", "Object Deleted"),
        "detail", Map.of("bucket", Map.of("name", List.of(bucket))));
  }

  void removeRule(String bucket) {
    String rule = rule(bucket);
    try {
      eventBridge.get().removeTargets(r -> r.rule(rule).ids(ID));
      eventBridge.get().deleteRule(r -> r.name(rule));
    } catch (ResourceNotFoundException e) {
      // It was noted and never made, or somebody has deleted it.
    }
  }

  /** A rule's name has 64 characters at most, and two installations may look after a bucket. */
  String rule(String bucket) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest((bucket + "\n" + queueArn).getBytes(UTF_8));
      return "snapslice-" + HexFormat.of().formatHex(hash).substring(0, HASH_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
