package dev.snapslice.core.bucket;

import dev.snapslice.core.json.Json;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsAssumeRoleCredentialsProvider;

/**
 * S3 as a registered bucket is reached: in our account, by a role in another, or in another store
 * with the credentials that Secrets Manager keeps. One client a place, made when it is first asked
 * for. Thread-safe.
 */
public final class BucketClients {
  private static final String KEY = "key";

  private final Supplier<StsClient> sts;
  private final Supplier<SecretsManagerClient> secrets;
  private final boolean local;
  private final Map<Location, AwsCredentialsProvider> credentials = new ConcurrentHashMap<>();
  private final Map<Location, S3Client> clients = new ConcurrentHashMap<>();
  private final Map<Location, S3Presigner> presigners = new ConcurrentHashMap<>();
  private final Map<Place, Access> accesses = new ConcurrentHashMap<>();

  /**
   * How a bucket's objects are read without a client.
   *
   * @param base their keys are appended to this
   * @param region to sign for
   */
  public record Access(URI base, String region, AwsCredentialsProvider credentials) {}

  private record Place(Location location, String bucket) {}

  /** What a secret of another store holds. */
  record StoreCredentials(String accessKeyId, String secretAccessKey) {}

  /**
   * Of an installation.
   *
   * @param local whether AWS itself is on this machine: S3 is then addressed by paths, and other
   *     stores may be on this machine, too
   */
  public BucketClients(
      Supplier<StsClient> sts, Supplier<SecretsManagerClient> secrets, boolean local) {
    this.sts = sts;
    this.secrets = secrets;
    this.local = local;
  }

  /** Calls S3 on behalf of a bucket. */
  public S3Client s3(Bucket bucket) {
    return clients.computeIfAbsent(bucket.location(), this::client);
  }

  /** Signs URLs for a bucket's objects. */
  public S3Presigner presigner(Bucket bucket) {
    return presigners.computeIfAbsent(bucket.location(), this::presign);
  }

  /** As whom a bucket's objects are reached. */
  public AwsCredentialsProvider credentials(Bucket bucket) {
    return credentials(bucket.location());
  }

  /** How a bucket's objects are reached. */
  public Access access(Bucket bucket) {
    return accesses.computeIfAbsent(
        new Place(bucket.location(), bucket.name()), place -> access(s3(bucket), place));
  }

  private Access access(S3Client s3, Place place) {
    String url = s3.utilities().getUrl(r -> r.bucket(place.bucket()).key(KEY)).toString();
    return new Access(
        URI.create(url.substring(0, url.length() - KEY.length())),
        s3.serviceClientConfiguration().region().id(),
        credentials(place.location()));
  }

  private S3Client client(Location location) {
    S3ClientBuilder builder =
        S3Client.builder()
            .httpClientBuilder(UrlConnectionHttpClient.builder())
            .credentialsProvider(credentials(location))
            .forcePathStyle(byPath(location));
    if (location instanceof Location.OtherStore store) {
      builder.endpointOverride(checked(store)).region(Region.of(store.region()));
    }
    return builder.build();
  }

  private S3Presigner presign(Location location) {
    S3Presigner.Builder builder =
        S3Presigner.builder()
            .credentialsProvider(credentials(location))
            .serviceConfiguration(
                S3Configuration.builder().pathStyleAccessEnabled(byPath(location)).build());
    if (location instanceof Location.OtherStore store) {
      builder.endpointOverride(checked(store)).region(Region.of(store.region()));
    }
    return builder.build();
  }

  private boolean byPath(Location location) {
    return local || location instanceof Location.OtherStore;
  }

  private URI checked(Location.OtherStore store) {
    Endpoints.checkReachable(store.endpoint(), local);
    return store.endpoint();
  }

  private AwsCredentialsProvider credentials(Location location) {
    return credentials.computeIfAbsent(location, this::provider);
  }

  private AwsCredentialsProvider provider(Location location) {
    return switch (location) {
      case Location.OwnAccount own -> DefaultCredentialsProvider.builder().build();
      case Location.OtherAccount other ->
          StsAssumeRoleCredentialsProvider.builder()
              .stsClient(sts.get())
              .refreshRequest(r ->
                  r.roleArn(other.roleArn())
                      .externalId(other.externalId())
                      .roleSessionName("snapslice"))
              .build();
      case Location.OtherStore store -> {
        String secret =
            secrets.get().getSecretValue(r -> r.secretId(store.secretName())).secretString();
        StoreCredentials found = Json.read(secret, StoreCredentials.class);
        yield StaticCredentialsProvider.create(
            AwsBasicCredentials.create(found.accessKeyId(), found.secretAccessKey()));
      }
    };
  }
}
