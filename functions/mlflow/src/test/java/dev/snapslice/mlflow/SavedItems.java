package dev.snapslice.mlflow;

import dev.snapslice.mlflow.table.TrackingTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/** All that a table holds now, to bring it back after a call has changed it. */
final class SavedItems {
  private final TrackingTable table;
  private final Map<Map<String, AttributeValue>, Map<String, AttributeValue>> saved;

  SavedItems(TrackingTable table) {
    this.table = table;
    saved = items();
  }

  private Map<Map<String, AttributeValue>, Map<String, AttributeValue>> items() {
    Map<Map<String, AttributeValue>, Map<String, AttributeValue>> items = new HashMap<>();
    table
        .dynamo()
        .scanPaginator(r -> r.tableName(table.name()).consistentRead(true))
        .items()
        .forEach(item -> items.put(Map.of("pk", item.get("pk"), "sk", item.get("sk")), item));
    return items;
  }

  void restore() {
    List<WriteRequest> writes = new ArrayList<>();
    var there = items();
    there.keySet().stream()
        .filter(key -> !saved.containsKey(key))
        .forEach(key -> writes.add(WriteRequest.builder().deleteRequest(d -> d.key(key)).build()));
    saved.forEach((key, item) -> {
      if (!item.equals(there.get(key))) {
        writes.add(WriteRequest.builder().putRequest(p -> p.item(item)).build());
      }
    });
    for (int from = 0; from < writes.size(); from += 25) {
      var some = writes.subList(from, Math.min(from + 25, writes.size()));
      table.dynamo().batchWriteItem(r -> r.requestItems(Map.of(table.name(), some)));
    }
  }
}
