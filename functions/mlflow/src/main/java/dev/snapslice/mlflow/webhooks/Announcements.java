package dev.snapslice.mlflow.webhooks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromL;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.table.Change;
import dev.snapslice.mlflow.table.TrackingTable;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;

/**
 * Tells webhooks of changes of the registry, at least once of each: what is to be told is written
 * with the change, in one transaction, then sent to the queue, and forgotten once it is there. What
 * somebody wrote who then died is sent by {@link #sweep}. Where nobody wants to be told, a change
 * costs what it did. Thread-safe.
 */
public final class Announcements {
  private static final Logger log = LoggerFactory.getLogger(Announcements.class);
  private static final String OUTBOX = "webhook-outbox";

  /** For longer than that nobody takes who is still alive. */
  private static final Duration SENT = Duration.ofMinutes(1);

  private final TrackingTable table;
  private final Webhooks webhooks;
  private final Consumer<String> queue;
  private final InstantSource clock;

  /**
   * Over a queue.
   *
   * @param queue takes the text of a message; it is durable on return
   */
  public Announcements(
      TrackingTable table, Webhooks webhooks, Consumer<String> queue, InstantSource clock) {
    this.table = table;
    this.webhooks = webhooks;
    this.queue = queue;
    this.clock = clock;
  }

  /** Writes a change and what is told of it. */
  public final class Announced {
    private final Optional<Map<String, AttributeValue>> outgoing;

    private Announced(Optional<Map<String, AttributeValue>> outgoing) {
      this.outgoing = outgoing;
    }

    /** Changes an item, and tells whether it was there and the conditions held. */
    public boolean update(Map<String, AttributeValue> key, Change change) {
      return outgoing.isEmpty()
          ? table.update(key, change)
          : write(List.of(table.updating(key, change)));
    }

    /** Writes all or, if a condition does not hold, nothing; tells which. */
    public boolean write(List<TransactWriteItem> items) {
      List<TransactWriteItem> all = new ArrayList<>(items);
      outgoing.map(table::putting).ifPresent(all::add);
      boolean written = table.write(all);
      if (written) {
        outgoing.ifPresent(Announcements.this::trySend);
      }
      return written;
    }

    /** Puts an item where there is none, and tells whether there was none. */
    public boolean put(Map<String, AttributeValue> item) {
      return outgoing.isEmpty() ? table.putIfAbsent(item) : write(List.of(table.putting(item)));
    }
  }

  /** What is told of an event. */
  public Announced of(RegistryEvent event, ObjectNode data) {
    List<String> wanting = webhooks.wanting(event);
    return new Announced(
        wanting.isEmpty() ? Optional.empty() : Optional.of(item(event, data, wanting)));
  }

  /** The same where it depends on what is changed; looked at only if somebody wants to be told. */
  public Announced of(
      RegistryEvent ofPrompt, RegistryEvent ofModel, BooleanSupplier prompt, ObjectNode data) {
    boolean wanted = !webhooks.wanting(ofPrompt).isEmpty() || !webhooks.wanting(ofModel).isEmpty();
    return wanted
        ? of(prompt.getAsBoolean() ? ofPrompt : ofModel, data)
        : new Announced(Optional.empty());
  }

  /** The same of what is told for prompts only. */
  public Announced ofPrompt(RegistryEvent event, BooleanSupplier prompt, ObjectNode data) {
    return !webhooks.wanting(event).isEmpty() && prompt.getAsBoolean()
        ? of(event, data)
        : new Announced(Optional.empty());
  }

  private Map<String, AttributeValue> item(
      RegistryEvent event, ObjectNode data, List<String> wanting) {
    String sort = "%015d#%s".formatted(clock.millis(), UUID.randomUUID());
    Map<String, AttributeValue> item = new HashMap<>(TrackingTable.key(OUTBOX, sort));
    item.put("body", fromS(Payload.of(event, clock.instant(), data)));
    item.put("webhooks", fromL(wanting.stream().map(AttributeValue::fromS).toList()));
    return item;
  }

  /** The change is durable: if sending fails, it is swept later. */
  private boolean trySend(Map<String, AttributeValue> outgoing) {
    try {
      send(outgoing);
      return true;
    } catch (SdkException e) {
      log.warn("webhooks are told of a change later", e);
      return false;
    }
  }

  private void send(Map<String, AttributeValue> outgoing) {
    String sort = outgoing.get("sk").s();
    for (AttributeValue webhook : outgoing.get("webhooks").l()) {
      UUID id = UUID.nameUUIDFromBytes((sort + "#" + webhook.s()).getBytes(UTF_8));
      queue.accept(Json.write(new Delivery(webhook.s(), id.toString(), outgoing.get("body").s())));
    }
    table.delete(TrackingTable.key(OUTBOX, sort));
  }

  /** Sends what was left, and tells of how many changes. */
  public int sweep() {
    String before = "%015d".formatted(clock.millis() - SENT.toMillis());
    return (int)
        table.stream(OUTBOX)
            .takeWhile(item -> item.get("sk").s().compareTo(before) < 0)
            .filter(this::trySend)
            .count();
  }
}
