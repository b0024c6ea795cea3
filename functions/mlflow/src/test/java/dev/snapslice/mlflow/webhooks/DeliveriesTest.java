package dev.snapslice.mlflow.webhooks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.testing.ObservedDynamo;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.webhooks.Deliveries.Again;
import dev.snapslice.mlflow.webhooks.Deliveries.Done;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbRequest;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbResponse;

/** What a receiver gets of messages that the queue brings, some of them twice. */
class DeliveriesTest {
  private record Received(String id, String timestamp, String body) {}

  private final List<Received> received = new ArrayList<>();
  private Instant now = Instant.parse("2026-11-26T10:00:00Z");
  private final InstantSource clock = () -> now;
  private boolean unreachable;
  private final TrackingTable table =
      new TrackingTable(
          new ObservedDynamo(LocalDynamo.client(), this::call), LocalDynamo.newCatalogTable());
  private final Webhooks webhooks = new Webhooks(table, clock);
  private final Deliveries deliveries =
      new Deliveries(
          webhooks,
          new Sender(
              Destination.LOCAL,
              new WebhookSecrets(
                  () -> {
                    throw new IllegalStateException("there are no secrets here");
                  },
                  "none"),
              clock));
  private HttpServer receiver;

  private DynamoDbResponse call(DynamoDbRequest request, Supplier<DynamoDbResponse> send) {
    if (unreachable) {
      throw ApiCallTimeoutException.create(25_000);
    }
    return send.get();
  }

  @BeforeEach
  void a_receiver_and_its_webhook() throws IOException {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext("/", this::receive);
    receiver.start();
    String url = "http://127.0.0.1:%d/".formatted(receiver.getAddress().getPort());
    webhooks.create(
        new Webhook(
            "hook",
            "hook",
            url,
            List.of(RegistryEvent.PROMPT_CREATED),
            "",
            true,
            Optional.empty(),
            1,
            1));
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      received.add(
          new Received(
              exchange.getRequestHeaders().getFirst("X-MLflow-Delivery-Id"),
              exchange.getRequestHeaders().getFirst("X-MLflow-Timestamp"),
              new String(exchange.getRequestBody().readAllBytes(), UTF_8)));
      exchange.sendResponseHeaders(200, -1);
    }
  }

  @AfterEach
  void no_receiver() {
    receiver.stop(0);
  }

  private static String message(String id) {
    return Json.write(new Delivery("hook", id, "{\"entity\": \"prompt\"}"));
  }

  @Test
  void a_message_that_comes_twice_is_recognised_by_its_id() {
    assertThat(deliveries.deliver(message("one"), 1)).isEqualTo(new Done(true));
    now = now.plusSeconds(60);
    assertThat(deliveries.deliver(message("one"), 2)).isEqualTo(new Done(true));
    assertThat(deliveries.deliver(message("other"), 1)).isEqualTo(new Done(true));

    assertThat(received).extracting(Received::id).containsExactly("one", "one", "other");
    assertThat(received.get(1).body()).isEqualTo(received.get(0).body());
    assertThat(received.get(1).timestamp()).isNotEqualTo(received.get(0).timestamp());
  }

  /** If it failed as a whole, those of its batch that were posted already would be again. */
  @Test
  void what_cannot_be_looked_up_or_read_comes_again_alone() {
    unreachable = true;

    assertThat(deliveries.deliver(message("one"), 1)).isInstanceOf(Again.class);
    assertThat(deliveries.deliver("no message", 1)).isInstanceOf(Again.class);

    assertThat(received).isEmpty();
  }
}
