package dev.snapslice.core.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.core.index.ListItem;
import dev.snapslice.core.index.ListPage;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.index.ObjectView;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.task.MaintenanceTask;
import dev.snapslice.core.task.TaskQueue;
import dev.snapslice.core.testing.Crash;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.testing.Moto;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.net.URLDecoder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.EncodingType;
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

  /** The bucket is enabled and waits to be backfilled, with versioning long on. */
  void enabled() {
    versioned();
    wanted();
    enabling().enable(bucket);
  }

  String put(String key, String content) {
    return s3.putObject(r -> r.bucket(bucket).key(key), RequestBody.fromString(content))
        .versionId();
  }

  void delete(String key) {
    s3.deleteObject(r -> r.bucket(bucket).key(key));
  }

  void remove(String key, String version) {
    s3.deleteObject(r -> r.bucket(bucket).key(key).versionId(version));
  }

  /** The events that S3 sent, as facts: taken out of the queue. */
  List<VersionEvent> events() {
    List<VersionEvent> events = new ArrayList<>();
    while (true) {
      List<Message> messages =
          sqs.receiveMessage(r -> r.queueUrl(eventsUrl).maxNumberOfMessages(10)).messages();
      for (Message message : messages) {
        sqs.deleteMessage(r -> r.queueUrl(eventsUrl).receiptHandle(message.receiptHandle()));
        read(message.body()).forEach(events::add);
      }
      if (messages.isEmpty()) {
        return events;
      }
    }
  }

  private static List<VersionEvent> read(String body) {
    List<VersionEvent> events = new ArrayList<>();
    for (JsonNode record : Json.read(body, JsonNode.class).path("Records")) {
      JsonNode object = record.path("s3").path("object");
      String name = record.path("eventName").asText();
      Kind kind =
          name.endsWith("DeleteMarkerCreated")
              ? Kind.MARKER
              : name.startsWith("ObjectCreated") ? Kind.CREATED : Kind.REMOVED;
      events.add(
          new VersionEvent(
              new ObjectKey(URLDecoder.decode(object.path("key").asText(), UTF_8)),
              object.path("versionId").asText("null"),
              kind,
              Instant.parse(record.path("eventTime").asText()),
              object.path("sequencer").asText(),
              kind == Kind.CREATED ? object.path("eTag").asText() : "",
              object.path("size").asLong(),
              Source.EVENT));
    }
    return events;
  }

  /** What S3 lists of the bucket, newest first by key: id, or the marker's id. */
  Map<String, List<String>> listed() {
    Map<String, List<String>> listed = new TreeMap<>(ObjectKey::compare);
    VersionList.of(s3, bucket, "", "")
        .forEachRemaining(key ->
            listed.put(
                key.key().value(),
                key.versions().stream().map(e -> e.fact().versionId()).toList()));
    return listed;
  }

  /** What the index takes for alive, in the same form. */
  Map<String, List<String>> indexed() {
    Map<String, List<String>> indexed = new TreeMap<>(ObjectKey::compare);
    index
        .versions(bucket, "", "")
        .forEachRemaining(version -> {
          if (version.removed().isEmpty()) {
            indexed
                .computeIfAbsent(version.key().value(), k -> new ArrayList<>())
                .add(version.versionId());
          }
        });
    return indexed;
  }

  /** All that the index knows of a key. */
  List<Version> history(String key) {
    return index.history(bucket, new ObjectKey(key));
  }

  /** The present as S3 lists it: keys and ETags. */
  List<String> present() {
    return s3
        .listObjectsV2Paginator(r -> r.bucket(bucket).encodingType(EncodingType.URL))
        .contents()
        .stream()
        .map(o -> o.key() + " " + o.eTag().replace("\"", ""))
        .toList();
  }

  /** The present as the index shows it. */
  List<String> snapshot() {
    List<String> objects = new ArrayList<>();
    ObjectView view = index.snapshot(bucket, clock.instant().plusSeconds(5));
    ListPage page = view.list(ListRequest.recursive(""));
    while (true) {
      for (ListItem item : page.items()) {
        if (item instanceof ListItem.Entry(Version version)) {
          objects.add(version.key().value() + " " + version.etag());
        }
      }
      if (page.next().isEmpty()) {
        return objects;
      }
      page = view.list(ListRequest.recursive("").from(page.next().get()));
    }
  }

  Instant soon() {
    return clock.instant().plusSeconds(60);
  }
}
