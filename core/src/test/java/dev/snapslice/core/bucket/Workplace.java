package dev.snapslice.core.bucket;

import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.task.MaintenanceTask;
import dev.snapslice.core.task.TaskQueue;
import dev.snapslice.core.testing.Crash;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.testing.Moto;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** What looks after a bucket, on moto and DynamoDB Local, with a clock that can be moved on. */
final class Workplace {
  static final Duration SPREAD = Duration.ofMinutes(15);

  final Crash crash = new Crash();
  final S3Client s3;
  final SqsClient sqs;
  final EventBridgeClient eventBridge;
  final String bucket = "bucket-" + UUID.randomUUID();
  final String eventsUrl;
  final String eventsArn;
  final String tasksUrl;
  final String catalogTable = LocalDynamo.newCatalogTable();
  final String indexTable = LocalDynamo.newIndexTable();
  final BucketCatalog catalog;
  final TimeIndex index;
  final Amendments amendments;
  Duration ahead = Duration.ZERO;
  final InstantSource clock = () -> Instant.now().plus(ahead);

  /** What is put between us and S3. */
  UnaryOperator<S3Client> fault = UnaryOperator.identity();

  Workplace(Moto moto) {
    s3 = moto.s3();
    sqs = moto.client(SqsClient.builder());
    eventBridge = moto.client(EventBridgeClient.builder());
    s3.createBucket(r -> r.bucket(bucket));
    eventsUrl = sqs.createQueue(r -> r.queueName("events-" + bucket)).queueUrl();
    eventsArn =
        sqs.getQueueAttributes(
                r -> r.queueUrl(eventsUrl).attributeNames(QueueAttributeName.QUEUE_ARN))
            .attributes()
            .get(QueueAttributeName.QUEUE_ARN);
    tasksUrl = sqs.createQueue(r -> r.queueName("tasks-" + bucket)).queueUrl();
    catalog = new BucketCatalog(LocalDynamo.client(), catalogTable, clock);
    index = new TimeIndex(LocalDynamo.client(), indexTable, clock);
    amendments = new Amendments(LocalDynamo.client(), catalogTable);
    catalog.put(
        Bucket.registered(bucket, new Location.OwnAccount(), Optional.empty(), clock.instant()));
  }

  void versioned() {
    s3.putBucketVersioning(r ->
        r.bucket(bucket).versioningConfiguration(v -> v.status(BucketVersioningStatus.ENABLED)));
  }

  /** A new process: nothing is cached, and its calls may crash. */
  Upkeep upkeep() {
    DynamoDbClient dynamo = crash.over(DynamoDbClient.class, LocalDynamo.client());
    S3Client reached = crash.over(S3Client.class, fault.apply(s3));
    return new Upkeep(
        new BucketCatalog(dynamo, catalogTable, clock),
        new Claims(dynamo, catalogTable, clock),
        new Checkpoints(dynamo, catalogTable),
        b -> reached,
        new TimeIndex(dynamo, indexTable, clock),
        new TaskQueue(crash.over(SqsClient.class, sqs), tasksUrl),
        clock);
  }

  Enabling enabling() {
    EventBridgeClient bridge = crash.over(EventBridgeClient.class, eventBridge);
    return new Enabling(upkeep(), () -> bridge, eventsArn, SPREAD);
  }

  Reconciling reconciling() {
    return new Reconciling(upkeep(), amendments, Duration.ofMillis(100));
  }

  Backfilling backfilling() {
    return new Backfilling(upkeep(), reconciling());
  }

  /** Asks for the bucket to be enabled, as the API does. */
  void wanted() {
    catalog.update(bucket, Bucket::enabling);
  }

  void unwanted() {
    catalog.update(bucket, Bucket::disabling);
  }

  Bucket now() {
    return catalog.require(bucket);
  }

  /** All tasks that wait in the queue; they are taken out. */
  List<MaintenanceTask> tasks() {
    List<Message> messages =
        sqs.receiveMessage(r -> r.queueUrl(tasksUrl).maxNumberOfMessages(10)).messages();
    messages.forEach(
        m -> sqs.deleteMessage(r -> r.queueUrl(tasksUrl).receiptHandle(m.receiptHandle())));
    return messages.stream().map(m -> Json.read(m.body(), MaintenanceTask.class)).toList();
  }

  Instant soon() {
    return clock.instant().plusSeconds(60);
  }
}
