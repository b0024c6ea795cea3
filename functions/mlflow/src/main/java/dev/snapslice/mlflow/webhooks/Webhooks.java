package dev.snapslice.mlflow.webhooks;

import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.table.Change;
import dev.snapslice.mlflow.table.TrackingTable;
import java.time.Duration;
import java.time.Instant;
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
  private final InstantSource clock;
  private volatile Seen seen = new Seen(Instant.MIN, List.of());

  private record Seen(Instant at, List<Webhook> all) {}

  public Webhooks(TrackingTable table, InstantSource clock) {
    this.table = table;
    this.clock = clock;
  }

  private static Map<String, AttributeValue> itemOf(String id) {
    return TrackingTable.key(ALL, id);
  }

  void create(Webhook webhook) {
    table.put(webhook.item(ALL));
    forget();
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
    forget();
    return changed;
  }

  /**
   * Deletes one, and the secret with it.
   *
   * @throws MlflowException if there is none
   */
  void delete(String id) {
    table.delete(itemOf(get(id).id()));
    forget();
  }

  private void forget() {
    seen = new Seen(Instant.MIN, List.of());
  }

  /** Who wants to be told of an event; may not know what others did in the last seconds. */
  List<String> wanting(RegistryEvent event) {
    Seen known = seen;
    Instant now = clock.instant();
    if (known.at().isBefore(now.minus(REMEMBERED))) {
      known = new Seen(now, all());
      seen = known;
    }
    return known.all().stream()
        .filter(webhook -> webhook.active() && webhook.events().contains(event))
        .map(Webhook::id)
        .toList();
  }
}
