package dev.snapslice.mlflow.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.json.Json;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.webhooks.Deliveries.Again;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be told is told again, and fails none of those that came along. */
class DeliveriesTest {
  private static final InstantSource CLOCK = InstantSource.system();
  private static final WebhookSecrets SECRETS =
      new WebhookSecrets(
          () -> {
            throw new IllegalStateException("KMS is not here");
          },
          "none");

  @ParameterizedTest
  @ValueSource(strings = {"no JSON", "{}", ""})
  void a_message_that_is_none_comes_again_until_it_is_a_dead_letter(String message) {
    assertThat(deliveries(LocalDynamo.newCatalogTable()).deliver(message, 2))
        .isEqualTo(new Again(Duration.ofSeconds(10)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 9})
  void a_table_that_does_not_answer_is_asked_again(int attempt) {
    String message = Json.write(new Delivery("w", "d", "{}"));

    assertThat(deliveries("not there").deliver(message, attempt)).isInstanceOf(Again.class);
  }

  private static Deliveries deliveries(String table) {
    return new Deliveries(
        new Webhooks(new TrackingTable(LocalDynamo.client(), table), CLOCK),
        new Sender(Destination.PUBLIC, SECRETS, CLOCK));
  }
}
