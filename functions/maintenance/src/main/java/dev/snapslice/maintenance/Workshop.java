package dev.snapslice.maintenance;

import dev.snapslice.core.bucket.Amendments;
import dev.snapslice.core.bucket.Backfilling;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.bucket.BucketClients;
import dev.snapslice.core.bucket.Checkpoints;
import dev.snapslice.core.bucket.Claims;
import dev.snapslice.core.bucket.Enabling;
import dev.snapslice.core.bucket.IndexHealth;
import dev.snapslice.core.bucket.Reconciling;
import dev.snapslice.core.bucket.Upkeep;
import dev.snapslice.core.export.ExportJobs;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.install.Installation;
import dev.snapslice.core.install.Lazy;
import dev.snapslice.core.job.CatalogTable;
import dev.snapslice.core.restore.RestoreJobs;
import dev.snapslice.core.restore.RestorePlanner;
import dev.snapslice.core.task.TaskQueue;
import dev.snapslice.runtime.AwsClients;
import java.time.Duration;
import java.time.InstantSource;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sts.StsClient;

/** Puts the functions together from what the CDK tells in the environment. */
final class Workshop {
  private static final InstantSource CLOCK = InstantSource.system();

  /** On one machine nothing has to spread, and events take milliseconds. */
  private static final Duration LOCAL_SPREAD = Duration.ofSeconds(2);

  private static final Duration MARGIN = Duration.ofSeconds(60);

  private final Installation installation;
  private final AwsClients aws = new AwsClients();
  private final DynamoDbClient dynamo;
  private final Lazy<SqsClient> sqs = aws.client(SqsClient::builder);
  private final Lazy<TaskQueue> tasks;
  private final BucketCatalog catalog;

  Workshop(Installation installation) {
    this.installation = installation;
    this.dynamo = aws.client(DynamoDbClient::builder).get();
    this.tasks = new Lazy<>(() -> new TaskQueue(sqs.get(), installation.tasksQueueUrl()));
    this.catalog = new BucketCatalog(dynamo, installation.catalogTable(), CLOCK);
  }

  BucketCatalog catalog() {
    return catalog;
  }

  Worker worker() {
    TimeIndex index = new TimeIndex(dynamo, installation.indexTable(), CLOCK);
    BucketClients clients =
        new BucketClients(
            aws.client(StsClient::builder),
            aws.client(SecretsManagerClient::builder),
            installation.local());
    Upkeep upkeep =
        new Upkeep(
            catalog,
            claims(),
            new Checkpoints(dynamo, installation.catalogTable()),
            clients::s3,
            index,
            tasks.get(),
            CLOCK);
    Reconciling reconciling =
        new Reconciling(
            upkeep,
            new Amendments(dynamo, installation.catalogTable()),
            installation.local() ? installation.settle() : MARGIN);
    Enabling enabling =
        new Enabling(
            upkeep,
            aws.client(EventBridgeClient::builder),
            installation.eventsQueueArn(),
            installation.local() ? LOCAL_SPREAD : Enabling.SPREAD);
    CatalogTable jobs = new CatalogTable(dynamo, installation.catalogTable());
    RestoreJobs restores =
        new RestoreJobs(
            jobs,
            new RestoreJobs.Buckets(catalog, clients::s3, () -> health().refresh()),
            new RestorePlanner(index),
            CLOCK);
    return new Worker(
        index,
        catalog,
        enabling,
        new Backfilling(upkeep, reconciling),
        reconciling,
        restores,
        new ExportJobs(jobs, catalog, clients::s3, index, CLOCK),
        tasks.get());
  }

  Schedule schedule() {
    return new Schedule(catalog, claims(), health()::refresh, tasks.get()::send, CLOCK);
  }

  private IndexHealth health() {
    return new IndexHealth(
        dynamo,
        installation.catalogTable(),
        sqs.get(),
        aws.client(CloudWatchClient::builder).get(),
        new IndexHealth.Queues(
            installation.eventsQueueUrl(), installation.eventsDlqUrl(), installation.settle()),
        CLOCK);
  }

  private Claims claims() {
    return new Claims(dynamo, installation.catalogTable(), CLOCK);
  }
}
