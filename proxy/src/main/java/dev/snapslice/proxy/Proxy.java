package dev.snapslice.proxy;

import dev.snapslice.core.access.CancelledTokens;
import dev.snapslice.core.access.Credentials;
import dev.snapslice.core.access.Secrets;
import dev.snapslice.core.artifact.ArtifactStore;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.bucket.BucketClients;
import dev.snapslice.core.bucket.IndexHealth;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.install.Installation;
import dev.snapslice.core.install.Lazy;
import dev.snapslice.core.label.Labels;
import dev.snapslice.core.permission.Permissions;
import dev.snapslice.core.run.RunMoments;
import dev.snapslice.core.task.TaskQueue;
import dev.snapslice.proxy.access.KnownCredentials;
import dev.snapslice.proxy.http.RawRequest;
import dev.snapslice.proxy.http.Response;
import dev.snapslice.proxy.mlflow.ArtifactService;
import dev.snapslice.proxy.origin.Origin;
import dev.snapslice.proxy.s3.S3Service;
import dev.snapslice.proxy.view.MissingVersions;
import dev.snapslice.proxy.view.Parts;
import dev.snapslice.proxy.view.Views;
import dev.snapslice.proxy.webhdfs.WebHdfsService;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sts.StsClient;

/** The proxy's process. */
public final class Proxy {
  private static final int DYNAMO_TRIES = 3;

  private Proxy() {}

  /** Serves until it is told to stop. */
  public static void main(String[] arguments) {
    // The JDK keeps five connections to a host by default; each read has one.
    System.setProperty("http.maxConnections", "1000");
    Installation installation = Installation.from(System.getenv());
    ProxySettings settings = ProxySettings.from(System.getenv());
    HttpFront.Protocols protocols = protocols(installation, settings, InstantSource.system());
    HttpFront.start(settings, protocols);
    protocols.metrics().start();
  }

  /**
   * Who waits may be told to come again. The SDK tries eight times, nearly a minute while DynamoDB
   * throttles, and waits half a minute for an answer each time.
   */
  private static DynamoDbClient dynamo() {
    return DynamoDbClient.builder()
        .httpClientBuilder(
            UrlConnectionHttpClient.builder()
                .connectionTimeout(Duration.ofSeconds(2))
                .socketTimeout(Duration.ofSeconds(5)))
        .overrideConfiguration(c -> c.retryStrategy(r -> r.maxAttempts(DYNAMO_TRIES)))
        .build();
  }

  private static HttpFront.Protocols protocols(
      Installation installation, ProxySettings settings, InstantSource clock) {
    DynamoDbClient dynamo = dynamo();
    // Those that the first answers do without: a task is to serve soon.
    Lazy<KmsClient> kms = new Lazy<>(KmsClient::create);
    Lazy<SqsClient> sqs = new Lazy<>(SqsClient::create);
    Lazy<StsClient> sts = new Lazy<>(StsClient::create);
    Lazy<SecretsManagerClient> secrets = new Lazy<>(SecretsManagerClient::create);
    String catalog = installation.catalogTable();
    Lazy<IndexHealth> health =
        new Lazy<>(() ->
            new IndexHealth(
                dynamo,
                catalog,
                sqs.get(),
                CloudWatchClient.create(),
                new IndexHealth.Queues(
                    installation.eventsQueueUrl(),
                    installation.eventsDlqUrl(),
                    installation.settle()),
                clock));
    BucketCatalog buckets = new BucketCatalog(dynamo, catalog, clock);
    TimeIndex index = new TimeIndex(dynamo, installation.indexTable(), clock);
    Views views =
        new Views(
            new Views.Sources(
                index,
                buckets,
                new Labels(dynamo, catalog),
                new RunMoments(dynamo, installation.trackingTable()),
                health),
            installation.settle(),
            clock);
    KnownCredentials credentials =
        new KnownCredentials(
            new Credentials(dynamo, catalog, new Secrets(kms, installation.keyId()), clock), clock);
    BucketClients clients = new BucketClients(sts, secrets, installation.local());
    Origin origin = new Origin(clients, settings.originTimeout());
    MissingVersions missing =
        new MissingVersions(
            new Lazy<>(() -> new TaskQueue(sqs.get(), installation.tasksQueueUrl())));
    Parts parts = new Parts(credentials, views, missing, index, clients, origin);
    S3Service s3 =
        new S3Service(
            parts,
            new S3Service.Setting(settings.domain(), settings.region(), settings.labelsAsBuckets()),
            clock);
    WebHdfsService webHdfs =
        new WebHdfsService(
            parts,
            new CancelledTokens(dynamo, catalog),
            new WebHdfsService.Setting(settings.domain(), settings.scheme()),
            clock);
    Function<RawRequest, Response> reads =
        request -> WebHdfsService.serves(request) ? webHdfs.answer(request) : s3.answer(request);
    return new HttpFront.Protocols(
        artifacts(
                settings,
                installation,
                credentials,
                new Permissions(
                    dynamo, installation.trackingTable(), installation.defaultPermission(), clock))
            .<Function<RawRequest, Response>>map(artifacts ->
                request ->
                    ArtifactService.serves(request)
                        ? artifacts.answer(request)
                        : reads.apply(request))
            .orElse(reads),
        webHdfs::accessToken,
        new Health(buckets, clients, clock)::good,
        new Metrics(views::versionStats, clock));
  }

  private static Optional<ArtifactService> artifacts(
      ProxySettings settings,
      Installation installation,
      KnownCredentials credentials,
      Permissions permissions) {
    Lazy<S3Client> s3 =
        new Lazy<>(() ->
            S3Client.builder()
                .httpClientBuilder(
                    UrlConnectionHttpClient.builder().socketTimeout(settings.originTimeout()))
                .forcePathStyle(installation.local())
                .build());
    return settings
        .artifacts()
        .map(place -> new ArtifactService(credentials, permissions, new ArtifactStore(place, s3)));
  }
}
