package dev.snapslice.maintenance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.bucket.Amendments;
import dev.snapslice.core.bucket.Backfilling;
import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.bucket.Checkpoints;
import dev.snapslice.core.bucket.Claims;
import dev.snapslice.core.bucket.Enabling;
import dev.snapslice.core.bucket.Location;
import dev.snapslice.core.bucket.Reconciling;
import dev.snapslice.core.bucket.Upkeep;
import dev.snapslice.core.export.ExportJobs;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.job.CatalogTable;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.restore.RestoreJobs;
import dev.snapslice.core.restore.RestorePlanner;
import dev.snapslice.core.task.MaintenanceTask;
import dev.snapslice.core.task.TaskQueue;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.testing.Moto;
import dev.snapslice.runtime.testing.LambdaContext;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.sqs.SqsClient;

class TaskHandlerTest {
  @RegisterExtension static final Moto MOTO = new Moto();

  private final String bucket = "bucket-" + UUID.randomUUID();
  private final S3Client s3 = MOTO.s3();
  private final SqsClient sqs = MOTO.client(SqsClient.builder());
  private final String table = LocalDynamo.newCatalogTable();
  private final InstantSource clock = InstantSource.system();
  private final BucketCatalog catalog = new BucketCatalog(LocalDynamo.client(), table, clock);
  private final TimeIndex index =
      new TimeIndex(LocalDynamo.client(), LocalDynamo.newIndexTable(), clock);
  private final String tasks =
      sqs.createQueue(r -> r.queueName("tasks-" + bucket)).queueUrl();
  private final TaskHandler handler = handler();

  private TaskHandler handler() {
    String events = sqs.createQueue(r -> r.queueName("events-" + bucket)).queueUrl();
    String arn =
        sqs.getQueueAttributes(r -> r.queueUrl(events).attributeNamesWithStrings("QueueArn"))
            .attributesAsStrings()
            .get("QueueArn");
    TaskQueue queue = new TaskQueue(sqs, tasks);
    Upkeep upkeep =
        new Upkeep(
            catalog,
            new Claims(LocalDynamo.client(), table, clock),
            new Checkpoints(LocalDynamo.client(), table),
            b -> s3,
            index,
            queue,
            clock);
    Reconciling reconciling =
        new Reconciling(
            upkeep, new Amendments(LocalDynamo.client(), table), Duration.ofMillis(100));
    EventBridgeClient bridge = MOTO.client(EventBridgeClient.builder());
    Enabling enabling = new Enabling(upkeep, () -> bridge, arn, Duration.ZERO);
    CatalogTable jobs = new CatalogTable(LocalDynamo.client(), table);
    RestoreJobs restores =
        new RestoreJobs(
            jobs,
            new RestoreJobs.Buckets(catalog, b -> s3, Optional::empty),
            new RestorePlanner(index),
            clock);
    return new TaskHandler(
        new Worker(
            index,
            catalog,
            enabling,
            new Backfilling(upkeep, reconciling),
            reconciling,
            restores,
            new ExportJobs(jobs, catalog, b -> s3, index, clock),
            queue),
        catalog);
  }

  @BeforeEach
  void registers_a_bucket() {
    s3.createBucket(r -> r.bucket(bucket));
    s3.putBucketVersioning(r ->
        r.bucket(bucket).versioningConfiguration(v -> v.status(BucketVersioningStatus.ENABLED)));
    s3.putObject(r -> r.bucket(bucket).key("key"), RequestBody.fromString("x"));
    catalog.put(
        Bucket.registered(bucket, new Location.OwnAccount(), Optional.empty(), clock.instant()));
  }

  /** The handler's answer to a message. */
  private String answer(String body) throws IOException {
    String event =
        Json.write(Map.of("Records", List.of(Map.of("messageId", "m-1", "body", body))));
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    handler.handleRequest(
        new ByteArrayInputStream(event.getBytes(UTF_8)),
        output,
        new LambdaContext(Duration.ofMinutes(5)));
    return output.toString(UTF_8);
  }

  private String answer(MaintenanceTask task) throws IOException {
    return answer(Json.write(task));
  }

  private List<String> sent() {
    var messages = sqs.receiveMessage(r -> r.queueUrl(tasks).maxNumberOfMessages(10)).messages();
    messages.forEach(m ->
        sqs.deleteMessage(r -> r.queueUrl(tasks).receiptHandle(m.receiptHandle())));
    return messages.stream().map(m -> m.body()).toList();
  }

  @Test
  void leads_a_bucket_from_enable_to_disable() throws IOException {
    catalog.update(bucket, Bucket::enabling);

    assertThat(answer("{\"type\":\"Enable\",\"bucket\":\"" + bucket + "\"}"))
        .isEqualTo("{\"batchItemFailures\":[]}");
    assertThat(sent()).containsExactly("{\"type\":\"Backfill\",\"bucket\":\"" + bucket + "\"}");
    answer(new MaintenanceTask.Backfill(bucket));
    assertThat(catalog.require(bucket).status()).isEqualTo(Bucket.Status.ACTIVE);
    assertThat(sent()).allMatch(task -> task.contains("Maintain"));
    answer(new MaintenanceTask.Reconcile(bucket, ""));
    assertThat(catalog.require(bucket).history().verifiedThrough()).isPresent();
    answer(new MaintenanceTask.Sweep(bucket));
    String maintain = sent().getFirst();
    assertThat(maintain).contains("Maintain");
    assertThat(answer(maintain)).isEqualTo("{\"batchItemFailures\":[]}");
    catalog.update(bucket, Bucket::disabling);
    answer(new MaintenanceTask.Disable(bucket));

    assertThat(catalog.require(bucket).status()).isEqualTo(Bucket.Status.DISABLED);
    assertThat(index.snapshot(bucket, Instant.now()).summary("").objects()).isOne();
  }

  @Test
  void what_is_no_task_comes_again() throws IOException {
    assertThat(answer("{\"type\":\"Dance\"}"))
        .isEqualTo("{\"batchItemFailures\":[{\"itemIdentifier\":\"m-1\"}]}");
    assertThat(answer("not JSON"))
        .isEqualTo("{\"batchItemFailures\":[{\"itemIdentifier\":\"m-1\"}]}");
  }

  @Test
  void drops_the_tasks_of_a_bucket_that_was_removed() throws IOException {
    assertThat(answer(new MaintenanceTask.Reconcile("removed", "")))
        .isEqualTo("{\"batchItemFailures\":[]}");
  }

  @Test
  void a_bucket_says_why_its_task_comes_again() throws IOException {
    catalog.update(bucket, Bucket::enabling);
    answer(new MaintenanceTask.Enable(bucket));
    s3.listObjectVersions(r -> r.bucket(bucket))
        .versions()
        .forEach(v ->
            s3.deleteObject(r -> r.bucket(bucket).key(v.key()).versionId(v.versionId())));
    s3.deleteBucket(r -> r.bucket(bucket));

    String answer = answer(new MaintenanceTask.Backfill(bucket));

    assertThat(answer).contains("m-1");
    assertThat(catalog.require(bucket).progress().problem())
        .hasValueSatisfying(problem -> assertThat(problem).contains("There is no bucket"));
  }
}
