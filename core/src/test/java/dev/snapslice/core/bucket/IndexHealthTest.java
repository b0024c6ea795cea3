package dev.snapslice.core.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.bucket.IndexHealth.Queues;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.testing.Moto;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.sqs.SqsClient;

class IndexHealthTest {
  @RegisterExtension static final Moto MOTO = new Moto();
  private static final Duration SETTLE = Duration.ofSeconds(5);

  private final SqsClient sqs = MOTO.client(SqsClient.builder());
  private final CloudWatchClient cloudWatch = MOTO.client(CloudWatchClient.builder());
  private final String name = "events-" + UUID.randomUUID();
  private Instant now = Instant.now();
  private String events;
  private String dead;
  private IndexHealth health;

  @BeforeEach
  void make_queues() {
    events = sqs.createQueue(r -> r.queueName(name)).queueUrl();
    dead = sqs.createQueue(r -> r.queueName(name + "-dlq")).queueUrl();
    health =
        new IndexHealth(
            LocalDynamo.client(),
            LocalDynamo.newCatalogTable(),
            sqs,
            cloudWatch,
            new Queues(events, dead, SETTLE),
            () -> now);
  }

  @Test
  void empty_queues_leave_only_the_settle_time() {
    assertThat(health.shown()).isEmpty();

    assertThat(health.refresh()).contains(millis(now.minus(SETTLE)));
    assertThat(health.shown()).contains(millis(now.minus(SETTLE)));
  }

  @Test
  void a_waiting_message_holds_it_where_it_was() {
    Instant before = now;
    health.refresh();
    sqs.sendMessage(r -> r.queueUrl(events).messageBody("x"));
    now = now.plusSeconds(60);

    assertThat(health.refresh()).contains(millis(before.minus(SETTLE)));
  }

  @Test
  void the_age_of_the_oldest_message_moves_it_on() {
    Instant sent = Instant.now();
    sqs.sendMessage(r -> r.queueUrl(events).messageBody("x"));
    now = sent.plusSeconds(10);

    // CloudWatch gives the age at the start of the minute in which it was measured.
    assertThat(health.refresh().orElseThrow())
        .isBetween(sent.minus(SETTLE).minusSeconds(63), sent.minus(SETTLE).plusSeconds(1));
  }

  @Test
  void a_dead_letter_holds_it_whatever_its_age() {
    health.refresh();
    Instant before = now;
    sqs.sendMessage(r -> r.queueUrl(dead).messageBody("x"));
    now = now.plusSeconds(3600);

    assertThat(health.refresh()).contains(millis(before.minus(SETTLE)));
  }

  private static Instant millis(Instant moment) {
    return Instant.ofEpochMilli(moment.toEpochMilli());
  }
}
