package dev.snapslice.core.bucket;

import static dev.snapslice.core.version.VersionEvent.NULL_VERSION;

import dev.snapslice.core.version.Version;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.services.s3.presigner.model.PresignedGetObjectRequest;

/**
 * Signs URLs that read one exact version from S3. {@code versionId=null} names whatever the null
 * version is by then, so its URL demands {@code If-Match} with the indexed ETag.
 */
public final class PresignedUrls {
  /** S3 takes seven days; a function's credentials end sooner, and the URL with them. */
  public static final Duration LONGEST = Duration.ofHours(12);

  /** What S3 takes. */
  private static final Duration SHORTEST = Duration.ofSeconds(1);

  private final BucketClients clients;
  private final InstantSource clock;

  /** A URL, the headers to send with it, and when it ends. */
  public record Signed(String url, Map<String, String> headers, Instant expires) {}

  public PresignedUrls(BucketClients clients, InstantSource clock) {
    this.clients = clients;
    this.clock = clock;
  }

  /** A URL that lasts so long, or as long as the credentials that sign it. */
  public Signed get(Bucket bucket, Version version, Duration longest) {
    Duration duration = lasting(bucket, longest);
    Instant expires = clock.instant().plus(duration);
    PresignedGetObjectRequest signed =
        clients
            .presigner(bucket)
            .presignGetObject(p ->
                p.signatureDuration(duration)
                    .getObjectRequest(r -> {
                      r.bucket(bucket.name()).key(version.key().value());
                      r.versionId(version.versionId());
                      if (version.versionId().equals(NULL_VERSION)) {
                        r.ifMatch('"' + version.etag() + '"');
                      }
                    }));
    Map<String, String> headers = new TreeMap<>();
    signed
        .signedHeaders()
        .forEach((name, values) -> {
          if (!name.equalsIgnoreCase("host")) {
            headers.put(name.toLowerCase(Locale.ROOT), String.join(",", values));
          }
        });
    return new Signed(signed.url().toString(), headers, expires);
  }

  private Duration lasting(Bucket bucket, Duration longest) {
    Duration lasting =
        clients
            .credentials(bucket)
            .resolveCredentials()
            .expirationTime()
            .map(end -> Duration.between(clock.instant(), end))
            .filter(left -> left.compareTo(longest) < 0)
            .orElse(longest);
    return lasting.compareTo(SHORTEST) < 0 ? SHORTEST : lasting;
  }
}
