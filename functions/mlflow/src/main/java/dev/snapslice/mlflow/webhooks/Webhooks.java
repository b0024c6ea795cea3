package dev.snapslice.mlflow.webhooks;

import dev.snapslice.core.install.Recent;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.table.Change;
import dev.snapslice.mlflow.table.TrackingTable;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * All webhooks, in one partition of the tracking table. Those who change the registry look them up
 * once in a few seconds. Thread-safe.
 */
public final class Webhooks {
  private static final String ALL = "webhooks";
  private static final Duration REMEMBERED = Duration.ofSeconds(5);

  private final TrackingTable table;
  private final Recent<String, List<Webhook>> seen;

  public Webhooks(TrackingTable table, InstantSource clock) {
    this.table = table;
    this.seen = new Recent<>(REMEMBERED, clock);
  }

  private static Map<String, AttributeValue> itemOf(String id) {
    return TrackingTable.key(ALL, id);
  }

  void create(Webhook webhook) {
    table.put(webhook.item(ALL));
    seen.forget();
  }

  /** A webhook, if there is one. */
  Optional<Webhook> find(String id) {
    return Optional.of(table.get(itemOf(id))).filter(item -> !item.isEmpty()).map(Webhook::of);
  }

  /**
   * A webhook.
   *
   * @throws MlflowException if there is none
   */
  Webhook get(String id) {
    return find(id).orElseThrow(() -> unknown(id));
  }

  private static MlflowException unknown(String id) {
    return MlflowException.missing("Webhook with ID %s not found.".formatted(id));
  }

  /** All of them, the newest first. */
  List<Webhook> all() {
    return table.partition(ALL).stream()
        .map(Webhook::of)
        .sorted(Comparator.comparingLong(Webhook::created).reversed())
        .toList();
  }

  /**
   * Changes one, and tells it as it is then.
   *
   * @throws MlflowException if there is none
   */
  Webhook change(String id, Change change) {
    Webhook changed =
        table.updated(itemOf(id), change).map(Webhook::of).orElseThrow(() -> unknown(id));
    seen.forget();
    return changed;
  }

  /**
   * Deletes one, and the secret with it.
   *
   * @throws MlflowException if there is none
   */
  void delete(String id) {
    table.delete(itemOf(get(id).id()));
    seen.forget();
  }

  /** Who wants to be told of an event; may not know what others did in the last seconds. */
  List<String> wanting(RegistryEvent event) {
    return seen.get(ALL, _ -> all()).stream()
        .filter(webhook -> webhook.active() && webhook.events().contains(event))
        .map(Webhook::id)
        .toList();
  }
}
