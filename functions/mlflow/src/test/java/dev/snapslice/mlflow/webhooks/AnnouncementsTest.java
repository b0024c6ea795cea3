package dev.snapslice.mlflow.webhooks;

import static dev.snapslice.mlflow.table.TrackingTable.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;

import dev.snapslice.core.json.Json;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.mlflow.table.Change;
import dev.snapslice.mlflow.table.TrackingTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;

/** At least once of each change that came to be, and nothing of one that did not. */
class AnnouncementsTest {
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  private final TrackingTable table =
      new TrackingTable(LocalDynamo.client(), LocalDynamo.newCatalogTable());
  private Instant now = Instant.parse("2026-11-26T10:00:00Z");
  private final Webhooks webhooks = new Webhooks(table, () -> now);
  private final List<Delivery> queue = new ArrayList<>();
  private int before = Integer.MAX_VALUE;
  private RuntimeException broken;
  private final Announcements announcements =
      new Announcements(table, webhooks, this::take, () -> now);

  private void take(String text) {
    if (broken != null) {
      throw broken;
    }
    if (before-- == 0) {
      throw new Killed();
    }
    queue.add(Json.read(text, Delivery.class));
  }

  private void hook(String id, RegistryEvent event) {
    webhooks.create(
        new Webhook(id, id, "https://x", List.of(event), "", true, Optional.empty(), 1, 1));
  }

  private boolean tell() {
    return announcements
        .of(RegistryEvent.PROMPT_CREATED, Json.MAPPER.createObjectNode())
        .update(key("p", "s"), new Change().set("n", fromN("1")));
  }

  @Test
  void a_change_is_told_to_those_who_want_to_know() {
    table.put(key("p", "s"));
    hook("a", RegistryEvent.PROMPT_CREATED);
    hook("b", RegistryEvent.MODEL_VERSION_CREATED);

    assertThat(tell()).isTrue();

    assertThat(queue).extracting(Delivery::webhook).containsExactly("a");
    now = now.plusSeconds(3600);
    assertThat(announcements.sweep()).isZero();
  }

  @Test
  void a_change_that_did_not_come_to_be_is_not_told() {
    hook("a", RegistryEvent.PROMPT_CREATED);

    assertThat(tell()).isFalse();

    now = now.plusSeconds(3600);
    assertThat(announcements.sweep()).isZero();
    assertThat(queue).isEmpty();
  }

  @Test
  void whoever_dies_after_a_change_wherever_it_is_told_to_all_by_the_same_ids() {
    table.put(key("p", "s"));
    hook("a", RegistryEvent.PROMPT_CREATED);
    hook("b", RegistryEvent.PROMPT_CREATED);
    for (int killed = 0; killed < 2; killed++) {
      queue.clear();
      before = killed;
      assertThatThrownBy(this::tell).isInstanceOf(Killed.class);
      before = Integer.MAX_VALUE;
      assertThat(announcements.sweep()).isZero();

      now = now.plusSeconds(61);
      assertThat(announcements.sweep()).isOne();

      assertThat(queue.stream().map(Delivery::webhook).distinct()).contains("a", "b");
      assertThat(queue.stream().map(Delivery::id).distinct()).hasSize(2);
      assertThat(announcements.sweep()).isZero();
    }
  }

  @Test
  void a_change_is_done_although_the_queue_takes_nothing() {
    table.put(key("p", "s"));
    hook("a", RegistryEvent.PROMPT_CREATED);
    broken = SdkClientException.create("no queue");

    assertThat(tell()).isTrue();

    broken = null;
    now = now.plusSeconds(61);
    assertThat(announcements.sweep()).isOne();
    assertThat(queue).hasSize(1);
  }
}
