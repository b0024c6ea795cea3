package dev.snapslice.core.bucket;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataResult;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * Knows <em>indexed-through</em>: the time up to which the index of every active bucket is believed
 * complete. Thread-safe.
 *
 * <p>A heuristic: S3 promises no deadline for events, and SQS counts approximately. While the
 * events queue and its dead-letter queue are empty (nothing visible, in flight or delayed), it is
 * the settle time behind now. While only the events queue holds messages, it is the moment at which
 * the oldest of them was sent, by CloudWatch's {@code ApproximateAgeOfOldestMessage}, less the
 * settle time. Otherwise it stays where it was. It never goes back: what arrives from before it is
 * an {@link Amendment}.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html">SQS
 *     metrics</a>
 */
public final class IndexHealth {
  static final Map<String, AttributeValue> KEY =
      Map.of("pk", fromS("health"), "sk", fromS("events"));
  static final String THROUGH = "through";

  private static final Duration METRIC_WINDOW = Duration.ofMinutes(5);
  private static final List<QueueAttributeName> COUNTS =
      List.of(
          QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
          QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE,
          QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED);

  private final DynamoDbClient dynamo;
  private final String table;
  private final SqsClient sqs;
  private final CloudWatchClient cloudWatch;
  private final Queues queues;
  private final InstantSource clock;

  /** The queues whose messages hold indexed-through back, and how long events may take to them. */
  public record Queues(String eventsUrl, String deadLettersUrl, Duration settle) {}

  public IndexHealth(
      DynamoDbClient dynamo,
      String table,
      SqsClient sqs,
      CloudWatchClient cloudWatch,
      Queues queues,
      InstantSource clock) {
    this.dynamo = dynamo;
    this.table = table;
    this.sqs = sqs;
    this.cloudWatch = cloudWatch;
    this.queues = queues;
    this.clock = clock;
  }

  /**
   * Looks at the queues and moves indexed-through on as far as they allow.
   *
   * @return where it is now; empty if it was never known
   */
  public Optional<Instant> refresh() {
    Instant looked = clock.instant();
    boolean buried = holdsMessages(queues.deadLettersUrl());
    if (!buried) {
      Optional<Instant> sent =
          holdsMessages(queues.eventsUrl()) ? oldestSent(looked) : Optional.of(looked);
      sent.ifPresent(moment -> advance(moment.minus(queues.settle())));
    }
    return shown();
  }

  private boolean holdsMessages(String url) {
    return sqs
        .getQueueAttributes(r -> r.queueUrl(url).attributeNames(COUNTS))
        .attributes()
        .values()
        .stream()
        .anyMatch(count -> Long.parseLong(count) > 0);
  }

  /** The newest measurement: at its minute's start, the oldest message was so old. */
  private Optional<Instant> oldestSent(Instant now) {
    String queue = queues.eventsUrl().substring(queues.eventsUrl().lastIndexOf('/') + 1);
    MetricDataQuery query =
        MetricDataQuery.builder()
            .id("age")
            .metricStat(m ->
                m.stat("Maximum")
                    .period(60)
                    .metric(n ->
                        n.namespace("AWS/SQS")
                            .metricName("ApproximateAgeOfOldestMessage")
                            .dimensions(
                                Dimension.builder().name("QueueName").value(queue).build())))
            .build();
    List<MetricDataResult> results =
        cloudWatch
            .getMetricData(
                r -> r.metricDataQueries(query).startTime(now.minus(METRIC_WINDOW)).endTime(now))
            .metricDataResults();
    if (results.isEmpty()) {
      return Optional.empty();
    }
    MetricDataResult ages = results.getFirst();
    return IntStream.range(0, Math.min(ages.timestamps().size(), ages.values().size()))
        .boxed()
        .max(Comparator.comparing(ages.timestamps()::get))
        .map(i ->
            ages.timestamps().get(i).minusMillis((long) Math.ceil(ages.values().get(i) * 1000)));
  }

  private void advance(Instant through) {
    try {
      dynamo.updateItem(r ->
          r.tableName(table)
              .key(KEY)
              .updateExpression("SET #t = :t")
              .conditionExpression("attribute_not_exists(#t) OR #t < :t")
              .expressionAttributeNames(Map.of("#t", THROUGH))
              .expressionAttributeValues(
                  Map.of(":t", fromN(Long.toString(through.toEpochMilli())))));
    } catch (ConditionalCheckFailedException e) {
      // Somebody has moved it further already.
    }
  }

  /**
   * Indexed-through as it was last shown to anybody, read consistently: an event that is older than
   * this is late. Ingest asks once a batch.
   */
  public Optional<Instant> shown() {
    return shown(dynamo, table);
  }

  /** As {@link #shown()}, for who knows the catalog's table and no queues. */
  public static Optional<Instant> shown(DynamoDbClient dynamo, String table) {
    var item = dynamo.getItem(r -> r.tableName(table).key(KEY).consistentRead(true)).item();
    return Optional.ofNullable(item.get(THROUGH))
        .map(value -> Instant.ofEpochMilli(Long.parseLong(value.n())));
  }
}
