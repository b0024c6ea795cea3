package dev.snapslice.mlflow.webhooks;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromB;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromBool;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromL;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.table.TrackingTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A webhook.
 *
 * @param secret as KMS has encrypted it; nobody is told it again
 */
record Webhook(
    String id,
    String name,
    String url,
    List<RegistryEvent> events,
    String description,
    boolean active,
    Optional<SdkBytes> secret,
    long created,
    long updated) {

  static Webhook of(Map<String, AttributeValue> item) {
    return new Webhook(
        item.get("sk").s(),
        item.get("name").s(),
        item.get("url").s(),
        item.get("events").l().stream().map(event -> RegistryEvent.valueOf(event.s())).toList(),
        item.get("description").s(),
        item.get("active").bool(),
        Optional.ofNullable(item.get("secret")).map(AttributeValue::b),
        Long.parseLong(item.get("created").n()),
        Long.parseLong(item.get("updated").n()));
  }

  Map<String, AttributeValue> item(String partition) {
    Map<String, AttributeValue> item = new HashMap<>(TrackingTable.key(partition, id));
    item.put("name", fromS(name));
    item.put("url", fromS(url));
    item.put("events", stored(events));
    item.put("description", fromS(description));
    item.put("active", fromBool(active));
    secret.ifPresent(sealed -> item.put("secret", fromB(sealed)));
    item.put("created", fromN("" + created));
    item.put("updated", fromN("" + updated));
    return item;
  }

  static AttributeValue stored(List<RegistryEvent> events) {
    return fromL(events.stream().map(event -> fromS(event.name())).toList());
  }

  ObjectNode json() {
    ObjectNode json = Json.MAPPER.createObjectNode().put("webhook_id", id);
    json.put("name", name);
    if (!description.isEmpty()) {
      json.put("description", description);
    }
    json.put("url", url);
    events.forEach(event -> json.withArray("/events").add(event.json()));
    return json.put("status", active ? "ACTIVE" : "DISABLED")
        .put("creation_timestamp", created)
        .put("last_updated_timestamp", updated);
  }
}
