package dev.snapslice.bench;

import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Credential;
import dev.snapslice.core.access.Credentials;
import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.access.Secrets;
import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.bucket.Location;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.time.TimeSpec;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.VersionEvent;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** A read proxy with all that it needs, in front of a MinIO. */
final class ReadStack implements AutoCloseable {
  private static final Path STATE = Path.of(".snapslice", "bench-stack");
  private static final Duration VALID = Duration.ofHours(6);
  private static final String SECRET = "snapslice/bench";

  private final Minio minio;
  private final DeployedStack stack;
  private final DynamoDbClient dynamo;
  private final AwsBasicCredentials reader;
  private final String token;

  private ReadStack(
      Minio minio,
      DeployedStack stack,
      DynamoDbClient dynamo,
      AwsBasicCredentials reader,
      String token) {
    this.minio = minio;
    this.stack = stack;
    this.dynamo = dynamo;
    this.reader = reader;
    this.token = token;
  }

  static ReadStack start(Report report) throws IOException, InterruptedException {
    report.progress("MinIO, and cdk deploy into a local stack (the log is " + STATE + ".log)");
    DeployedStack stack = DeployedStack.start(STATE);
    Minio minio = Minio.start();
    DynamoDbClient dynamo = stack.dynamo();
    keepCredentials(stack);
    Credentials.Issued key = issue(stack, dynamo, Credential.Kind.ACCESS_KEY);
    return new ReadStack(
        minio,
        stack,
        dynamo,
        AwsBasicCredentials.create(key.credential().id(), key.secret()),
        issue(stack, dynamo, Credential.Kind.TOKEN).token());
  }

  private static void keepCredentials(DeployedStack stack) {
    try (SecretsManagerClient secrets = stack.client(SecretsManagerClient.builder())) {
      secrets.createSecret(r ->
          r.name(SECRET)
              .secretString(
                  "{\"accessKeyId\":\"%s\",\"secretAccessKey\":\"%s\"}"
                      .formatted(
                          Minio.CREDENTIALS.accessKeyId(), Minio.CREDENTIALS.secretAccessKey())));
    }
  }

  private static Credentials.Issued issue(
      DeployedStack stack, DynamoDbClient dynamo, Credential.Kind kind) {
    try (KmsClient kms = stack.client(KmsClient.builder())) {
      Credentials credentials =
          new Credentials(
              dynamo,
              stack.output("CatalogTable"),
              new Secrets(() -> kms, stack.output("KeyId")),
              InstantSource.system());
      return credentials.issue(
          kind,
          "bench",
          Grant.everywhere(Role.READER),
          new Caller("bench", Grant.everywhere(Role.ADMIN)));
    }
  }

  Minio minio() {
    return minio;
  }

  URI proxy() {
    return stack.proxy();
  }

  ProcessHandle proxyProcess() {
    return stack.proxyProcess();
  }

  AwsBasicCredentials reader() {
    return reader;
  }

  /** An API token of the same reader. */
  String token() {
    return token;
  }

  /**
   * Makes known a bucket of MinIO, with its history in key order, and waits until it is readable.
   */
  void index(String bucket, Iterator<VersionEvent> history) throws InterruptedException {
    TimeIndex index = new TimeIndex(dynamo, stack.indexTable(), InstantSource.system());
    index.create(bucket);
    index.backfill(bucket, "", "", history, checkpoint -> {});
    index.finishBackfill(bucket);
    BucketCatalog catalog =
        new BucketCatalog(dynamo, stack.output("CatalogTable"), InstantSource.system());
    Location place = new Location.OtherStore(minio.url(), "us-east-1", SECRET);
    Bucket registered = Bucket.registered(bucket, place, Optional.empty(), Instant.EPOCH);
    catalog.put(
        registered
            .with(Bucket.Status.ACTIVE, Bucket.Progress.of("active", 0))
            .with(new Bucket.History(Optional.empty(), Optional.empty(), true)));
    // The catalog is remembered for two seconds, and the index waits for the queue to settle.
    Thread.sleep(8_000);
  }

  /** The bucket as it was, as clients name it. */
  static String view(String bucket, Instant at) {
    return bucket + "." + new TimeSpec(at);
  }

  /** Reads through the proxy. */
  S3Client s3() {
    return s3(proxy(), reader);
  }

  static S3Client s3(URI endpoint, AwsBasicCredentials credentials) {
    return S3Client.builder()
        .endpointOverride(endpoint)
        .region(Region.US_EAST_1)
        .forcePathStyle(true)
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .credentialsProvider(StaticCredentialsProvider.create(credentials))
        .build();
  }

  /** A URL of an object at a proxy. */
  URI presigned(URI proxy, String view, String key) {
    return presigned(proxy, reader, view, key);
  }

  static URI presigned(URI endpoint, AwsBasicCredentials credentials, String bucket, String key) {
    try (S3Presigner presigner =
        S3Presigner.builder()
            .endpointOverride(endpoint)
            .region(Region.US_EAST_1)
            .serviceConfiguration(S3Configuration.builder().pathStyleAccessEnabled(true).build())
            .credentialsProvider(StaticCredentialsProvider.create(credentials))
            .build()) {
      return URI.create(
          presigner
              .presignGetObject(
                  p -> p.signatureDuration(VALID).getObjectRequest(r -> r.bucket(bucket).key(key)))
              .url()
              .toString());
    }
  }

  /** Starts another proxy like that of the stack, on a port of its own. */
  Process proxy(int port, List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> environment = builder.environment();
    environment.clear();
    Path told = Path.of("/proc", Long.toString(proxyProcess().pid()), "environ");
    for (String variable : Files.readString(told).split("\0", -1)) {
      int equals = variable.indexOf('=');
      if (equals > 0) {
        environment.put(variable.substring(0, equals), variable.substring(equals + 1));
      }
    }
    environment.put("SNAPSLICE_PROXY_PORT", Integer.toString(port));
    Path log = STATE.resolveSibling("bench-proxy.log");
    return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  /** A version of an object that was written, as a list of versions shows it. */
  static VersionEvent listed(String key, String versionId, String etag, long size, Instant at) {
    return new VersionEvent(
        new ObjectKey(key),
        versionId,
        VersionEvent.Kind.CREATED,
        at.truncatedTo(ChronoUnit.MILLIS),
        "",
        etag.replace("\"", ""),
        size,
        VersionEvent.Source.LIST);
  }

  @Override
  public void close() throws IOException {
    dynamo.close();
    stack.close();
    minio.close();
  }
}
