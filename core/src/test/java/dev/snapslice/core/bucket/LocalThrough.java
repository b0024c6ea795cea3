package dev.snapslice.core.bucket;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;

import dev.snapslice.core.testing.LocalDynamo;
import java.time.Instant;
import java.util.HashMap;

/** Sets indexed-through as {@link IndexHealth} would after a look at the queues. */
final class LocalThrough {
  private LocalThrough() {}

  static void set(String catalogTable, Instant through) {
    var item = new HashMap<>(IndexHealth.KEY);
    item.put(IndexHealth.THROUGH, fromN(Long.toString(through.toEpochMilli())));
    LocalDynamo.client().putItem(r -> r.tableName(catalogTable).item(item));
  }
}
