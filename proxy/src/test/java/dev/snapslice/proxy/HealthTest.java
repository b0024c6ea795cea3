package dev.snapslice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.bucket.BucketClients;
import java.lang.reflect.InvocationHandler;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughputExceededException;

class HealthTest {
  private Instant now = Instant.parse("2026-11-25T09:30:00Z");

  private Health with(RuntimeException failure) {
    InvocationHandler fails =
        (proxy, method, arguments) -> {
          throw failure;
        };
    DynamoDbClient dynamo =
        (DynamoDbClient)
            java.lang.reflect.Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {DynamoDbClient.class}, fails);
    BucketClients clients =
        new BucketClients(
            () -> {
              throw failure;
            },
            () -> {
              throw failure;
            },
            true);
    return new Health(new BucketCatalog(dynamo, "catalog", () -> now), clients, () -> now);
  }

  private boolean goodAfterAMinute(Health health) {
    boolean good = true;
    for (int i = 0; i < 6; i++) {
      now = now.plus(Duration.ofSeconds(11));
      good = health.good();
    }
    return good;
  }

  @Test
  void is_bad_where_dynamodb_is_not_reached() {
    assertThat(goodAfterAMinute(with(SdkClientException.create("no route")))).isFalse();
  }

  @Test
  void stays_good_while_dynamodb_throttles() {
    RuntimeException throttled =
        ProvisionedThroughputExceededException.builder()
            .statusCode(400)
            .awsErrorDetails(
                AwsErrorDetails.builder()
                    .errorCode("ProvisionedThroughputExceededException")
                    .build())
            .build();

    assertThat(goodAfterAMinute(with(throttled))).isTrue();
  }
}
