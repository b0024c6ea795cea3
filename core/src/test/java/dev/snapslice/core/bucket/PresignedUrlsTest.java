package dev.snapslice.core.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import dev.snapslice.core.version.VersionEvent.Source;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.model.AssumeRoleRequest;
import software.amazon.awssdk.services.sts.model.AssumeRoleResponse;

class PresignedUrlsTest {
  private static final String REGION = "aws.region";
  private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

  @BeforeEach
  void inSomeRegion() {
    System.setProperty(REGION, "us-east-1");
  }

  @AfterEach
  void inNone() {
    System.clearProperty(REGION);
  }

  @Test
  void a_url_ends_with_the_credentials_that_signed_it() {
    PresignedUrls urls =
        new PresignedUrls(
            new BucketClients(() -> new Role(now.plus(Duration.ofMinutes(20))), () -> null, false),
            InstantSource.fixed(now));
    Location other = new Location.OtherAccount("arn:aws:iam::123456789012:role/snapslice-x", "id");
    Bucket bucket = Bucket.registered("films", other, Optional.empty(), now);
    Version version =
        new Version(
            new ObjectKey("a"), "v", false, now, "", "abc", 1, Source.EVENT, Optional.empty());

    PresignedUrls.Signed shorter = urls.get(bucket, version, Duration.ofMinutes(5));
    PresignedUrls.Signed longer = urls.get(bucket, version, Duration.ofHours(12));

    assertThat(shorter.expires()).isEqualTo(now.plus(Duration.ofMinutes(5)));
    assertThat(longer.expires()).isEqualTo(now.plus(Duration.ofMinutes(20)));
    assertThat(longer.url()).contains("X-Amz-Expires=1200");
  }

  private record Role(Instant end) implements StsClient {
    @Override
    public AssumeRoleResponse assumeRole(AssumeRoleRequest request) {
      return AssumeRoleResponse.builder()
          .credentials(c ->
              c.accessKeyId("ID").secretAccessKey("SECRET").sessionToken("TOKEN").expiration(end))
          .assumedRoleUser(u -> u.arn("arn:aws:sts::123456789012:assumed-role/snapslice-x/y"))
          .build();
    }

    @Override
    public String serviceName() {
      return "sts";
    }

    @Override
    public void close() {}
  }
}
