package dev.snapslice.api;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.bucket.Bucket.Progress;
import dev.snapslice.core.bucket.Bucket.Status;
import dev.snapslice.core.bucket.Location;
import dev.snapslice.core.bucket.Setup;
import dev.snapslice.core.install.Installation;
import dev.snapslice.core.permission.Permission;
import dev.snapslice.core.run.RunExperiments;
import dev.snapslice.core.run.RunInputs;
import dev.snapslice.core.run.RunMoments;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.testing.Moto;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.KeySpec;
import software.amazon.awssdk.services.kms.model.KeyUsageType;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sts.StsClient;

/**
 * An installation of its own for a test: tables in DynamoDB Local, queues and a key in moto, and a
 * clock that stands.
 */
final class TestInstallation {
  static final Instant NOW = Instant.parse("2026-11-24T10:00:00.250Z");

  private final Moto moto;
  private final SqsClient sqs;
  private final Installation installation;
  private final Domain domain;
  private Instant now = NOW;

  TestInstallation(Moto moto) {
    this.moto = moto;
    this.sqs = moto.client(SqsClient.builder());
    KmsClient kms = moto.client(KmsClient.builder());
    String key =
        kms.createKey(r -> r.keySpec(KeySpec.HMAC_256).keyUsage(KeyUsageType.GENERATE_VERIFY_MAC))
            .keyMetadata()
            .keyId();
    this.installation =
        new Installation(
            LocalDynamo.newIndexTable(),
            LocalDynamo.newCatalogTable(),
            LocalDynamo.newCatalogTable(),
            newQueue(),
            "arn:aws:sqs:us-east-1:123456789012:events",
            newQueue(),
            newQueue(),
            key,
            Duration.ofSeconds(5),
            Permission.MANAGE,
            Optional.of(moto.endpoint()));
    Domain.Clients clients =
        new Domain.Clients(
            LocalDynamo.client(),
            () -> sqs,
            () -> kms,
            () -> moto.client(CloudWatchClient.builder()),
            () -> moto.client(StsClient.builder()),
            () -> moto.client(SecretsManagerClient.builder()));
    this.domain = Domain.of(installation, clients, () -> now);
  }

  private String newQueue() {
    String name = "q-" + UUID.randomUUID();
    return sqs.createQueue(r -> r.queueName(name)).queueUrl();
  }

  Domain domain() {
    return domain;
  }

  RestClient rest() {
    return RestClient.anonymous(new ApiHandler(domain));
  }

  void later(Duration time) {
    now = now.plus(time);
  }

  /** A registered bucket whose history is complete up to five seconds ago. */
  void activeBucket(String name) {
    activeBucket(name, new Location.OwnAccount(), Optional.empty());
  }

  /** As if versioning had been turned on at a moment, by enabling the bucket. */
  void knownSince(String bucket, Instant since) {
    Setup setup = new Setup(List.of(), List.of(), Optional.of(since), Optional.empty());
    domain.buckets().update(bucket, seen -> seen.with(setup));
  }

  void activeBucket(String name, Location location, Optional<String> webhookSecretHash) {
    domain.buckets().put(Bucket.registered(name, location, webhookSecretHash, NOW));
    domain.index().create(name);
    domain.index().finishBackfill(name);
    domain
        .buckets()
        .update(
            name,
            bucket ->
                bucket
                    .with(Status.ACTIVE, Progress.of("listening", 0))
                    .with(new Bucket.History(Optional.empty(), Optional.empty(), true)));
  }

  /** A bucket of moto's S3, as if it were another store. */
  Location store(String secretName) {
    moto.client(SecretsManagerClient.builder())
        .createSecret(r ->
            r.name(secretName)
                .secretString("{\"accessKeyId\":\"test\",\"secretAccessKey\":\"test\"}"));
    return new Location.OtherStore(moto.endpoint(), "us-east-1", secretName);
  }

  /** A run of MLflow, with its moment. */
  void run(String id, Instant moment) {
    track(
        RunMoments.partition(id),
        RunMoments.HEAD,
        Map.of(
            RunMoments.MOMENT,
            fromN("" + moment.toEpochMilli()),
            RunExperiments.EXPERIMENT,
            fromS("0")));
  }

  /** A dataset that a run logged just now, with a tag. */
  void dataset(String run, String id, String tag, String value) {
    String json =
        "{'tags':[{'key':'%s','value':'%s'}],'dataset':{'name':'d%s','digest':'x'}}"
            .formatted(tag, value, id)
            .replace('\'', '"');
    track(
        RunMoments.partition(run),
        RunInputs.DATASET + id,
        Map.of(RunInputs.JSON, fromS(json), RunInputs.LOGGED, fromN("" + now.toEpochMilli())));
  }

  void modelVersion(String model, long version, String run) {
    track(RunInputs.MODELS, model, Map.of(RunInputs.GENERATION, fromS("g")));
    track(
        RunInputs.VERSIONS,
        RunInputs.sortOf("g", version),
        Map.of(RunInputs.STAGE, fromS("None"), RunInputs.RUN, fromS(run)));
  }

  private void track(String partition, String sort, Map<String, AttributeValue> attributes) {
    Map<String, AttributeValue> item = new HashMap<>(attributes);
    item.put("pk", fromS(partition));
    item.put("sk", fromS(sort));
    LocalDynamo.client().putItem(r -> r.tableName(installation.trackingTable()).item(item));
  }

  void put(String bucket, String key, String version, Instant time) {
    record(bucket, event(key, version, Kind.CREATED, time));
  }

  void delete(String bucket, String key, String version, Instant time) {
    record(bucket, event(key, version, Kind.MARKER, time));
  }

  void remove(String bucket, String key, String version, Instant time) {
    record(bucket, event(key, version, Kind.REMOVED, time));
  }

  void record(String bucket, VersionEvent event) {
    domain.index().record(bucket, List.of(event));
  }

  static VersionEvent event(String key, String version, Kind kind, Instant time) {
    boolean created = kind == Kind.CREATED;
    return new VersionEvent(
        new ObjectKey(key),
        version,
        kind,
        time,
        "",
        created ? "e-" + version : "",
        created ? 3 : 0,
        VersionEvent.Source.EVENT);
  }

  List<String> events() {
    return messages(installation.eventsQueueUrl());
  }

  List<String> tasks() {
    return messages(installation.tasksQueueUrl());
  }

  private List<String> messages(String queue) {
    return sqs.receiveMessage(r -> r.queueUrl(queue).maxNumberOfMessages(10)).messages().stream()
        .map(Message::body)
        .toList();
  }
}
