package dev.snapslice.api;

import dev.snapslice.core.access.Credentials;
import dev.snapslice.core.access.Secrets;
import dev.snapslice.core.bucket.Amendments;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.bucket.BucketClients;
import dev.snapslice.core.bucket.IndexHealth;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.install.Installation;
import dev.snapslice.core.install.Lazy;
import dev.snapslice.core.job.CatalogTable;
import dev.snapslice.core.label.Labels;
import dev.snapslice.core.permission.Permissions;
import dev.snapslice.core.run.RunExperiments;
import dev.snapslice.core.run.RunInputs;
import dev.snapslice.core.run.RunMoments;
import dev.snapslice.core.task.TaskQueue;
import dev.snapslice.runtime.AwsClients;
import java.time.InstantSource;
import java.util.function.Supplier;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sts.StsClient;

/**
 * What the routes ask. Clients that only some of them need are made when first asked for.
 *
 * @param events takes events of other stores
 */
record Domain(
    TimeIndex index,
    BucketCatalog buckets,
    Amendments amendments,
    Labels labels,
    RunMoments runs,
    RunInputs inputs,
    RunExperiments experiments,
    Permissions permissions,
    Credentials credentials,
    CatalogTable jobs,
    Supplier<TaskQueue> tasks,
    Supplier<EventsQueue> events,
    Supplier<IndexHealth> health,
    BucketClients clients,
    InstantSource clock) {

  /** The services of AWS. */
  record Clients(
      DynamoDbClient dynamo,
      Supplier<SqsClient> sqs,
      Supplier<KmsClient> kms,
      Supplier<CloudWatchClient> cloudWatch,
      Supplier<StsClient> sts,
      Supplier<SecretsManagerClient> secrets) {

    static Clients of(AwsClients aws) {
      return new Clients(
          aws.client(DynamoDbClient::builder).get(),
          aws.client(SqsClient::builder),
          aws.client(KmsClient::builder),
          aws.client(CloudWatchClient::builder),
          aws.client(StsClient::builder),
          aws.client(SecretsManagerClient::builder));
    }
  }

  static Domain of(Installation installation, Clients aws, InstantSource clock) {
    String catalog = installation.catalogTable();
    return new Domain(
        new TimeIndex(aws.dynamo(), installation.indexTable(), clock),
        new BucketCatalog(aws.dynamo(), catalog, clock),
        new Amendments(aws.dynamo(), catalog),
        new Labels(aws.dynamo(), catalog),
        new RunMoments(aws.dynamo(), installation.trackingTable()),
        new RunInputs(aws.dynamo(), installation.trackingTable()),
        new RunExperiments(aws.dynamo(), installation.trackingTable()),
        new Permissions(
            aws.dynamo(), installation.trackingTable(), installation.defaultPermission(), clock),
        new Credentials(aws.dynamo(), catalog, new Secrets(aws.kms(), installation.keyId()), clock),
        new CatalogTable(aws.dynamo(), catalog),
        new Lazy<>(() -> new TaskQueue(aws.sqs().get(), installation.tasksQueueUrl())),
        new Lazy<>(() -> new EventsQueue(aws.sqs().get(), installation.eventsQueueUrl())),
        new Lazy<>(() ->
            new IndexHealth(
                aws.dynamo(),
                catalog,
                aws.sqs().get(),
                aws.cloudWatch().get(),
                new IndexHealth.Queues(
                    installation.eventsQueueUrl(),
                    installation.eventsDlqUrl(),
                    installation.settle()),
                clock)),
        new BucketClients(aws.sts(), aws.secrets(), installation.local()),
        clock);
  }
}
