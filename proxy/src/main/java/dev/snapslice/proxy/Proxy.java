package dev.snapslice.proxy;

import dev.snapslice.core.access.Credentials;
import dev.snapslice.core.access.Secrets;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.bucket.BucketClients;
import dev.snapslice.core.bucket.IndexHealth;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.install.Installation;
import dev.snapslice.core.label.Labels;
import dev.snapslice.proxy.s3.S3Service;
import dev.snapslice.proxy.s3.Views;
import java.time.InstantSource;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sts.StsClient;

/** The read proxy's process. */
public final class Proxy {
  private Proxy() {}

  /** Serves until it is told to stop. */
  public static void main(String[] arguments) {
    // The JDK keeps five connections to a host by default; each read has one.
    System.setProperty("http.maxConnections", "1000");
    Installation installation = Installation.from(System.getenv());
    ProxySettings settings = ProxySettings.from(System.getenv());
    S3Service s3 = service(installation, settings, InstantSource.system());
    HttpFront.start(settings, s3::answer);
  }

  private static S3Service service(
      Installation installation, ProxySettings settings, InstantSource clock) {
    DynamoDbClient dynamo = DynamoDbClient.create();
    KmsClient kms = KmsClient.create();
    StsClient sts = StsClient.create();
    SecretsManagerClient secrets = SecretsManagerClient.create();
    String catalog = installation.catalogTable();
    IndexHealth health =
        new IndexHealth(
            dynamo,
            catalog,
            SqsClient.create(),
            CloudWatchClient.create(),
            new IndexHealth.Queues(
                installation.eventsQueueUrl(), installation.eventsDlqUrl(), installation.settle()),
            clock);
    return S3Service.of(
        new Views.Sources(
            new TimeIndex(dynamo, installation.indexTable(), clock),
            new BucketCatalog(dynamo, catalog, clock),
            new Labels(dynamo, catalog),
            health),
        new Credentials(dynamo, catalog, new Secrets(() -> kms, installation.keyId()), clock),
        new BucketClients(
            () -> sts,
            () -> secrets,
            installation.local(),
            // Whoever asks for a checksum checks it: the bytes pass here as they are.
            s3 -> s3.responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)),
        new S3Service.Setting(settings.domain(), settings.region(), installation.settle()),
        clock);
  }
}
