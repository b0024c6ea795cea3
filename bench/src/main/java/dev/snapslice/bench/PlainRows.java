package dev.snapslice.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.snapslice.core.version.VersionEvent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/** The naive index to compare with: one row an event, by key and time. */
final class PlainRows {
  private static final int BATCH = 25;

  private final DynamoDbClient dynamo;
  private final String table;

  PlainRows(DynamoDbClient dynamo, String table) {
    this.dynamo = dynamo;
    this.table = table;
  }

  void write(List<VersionEvent> events) {
    for (int i = 0; i < events.size(); i += BATCH) {
      List<WriteRequest> writes =
          events.subList(i, Math.min(i + BATCH, events.size())).stream()
              .map(event -> WriteRequest.builder().putRequest(p -> p.item(item(event))).build())
              .toList();
      dynamo.batchWriteItem(r -> r.requestItems(Map.of(table, writes)));
    }
  }

  private static Map<String, AttributeValue> item(VersionEvent event) {
    byte[] key = event.key().bytes();
    ByteBuffer order = ByteBuffer.allocate(key.length + 9);
    order.put(key).put((byte) 0).putLong(event.time().toEpochMilli());
    Map<String, AttributeValue> item = new HashMap<>();
    item.put("pk", AttributeValue.fromS("rows"));
    item.put("sk", AttributeValue.fromB(SdkBytes.fromByteArray(order.array())));
    item.put("v", AttributeValue.fromS(event.versionId()));
    item.put("e", AttributeValue.fromS(event.etag()));
    item.put("q", AttributeValue.fromS(event.sequencer()));
    item.put("k", AttributeValue.fromS(event.kind().name()));
    item.put("s", AttributeValue.fromN(Long.toString(event.size())));
    return item;
  }

  /** The keys as they were at a moment: reads all their versions and keeps the newest of each. */
  List<String> at(long moment) {
    List<String> versions = new ArrayList<>();
    String lastKey = "";
    Map<String, AttributeValue> from = Map.of();
    do {
      Map<String, AttributeValue> start = from;
      QueryRequest.Builder request =
          QueryRequest.builder()
              .tableName(table)
              .keyConditionExpression("pk = :pk")
              .expressionAttributeValues(Map.of(":pk", AttributeValue.fromS("rows")));
      if (!start.isEmpty()) {
        request.exclusiveStartKey(start);
      }
      QueryResponse response = dynamo.query(request.build());
      for (Map<String, AttributeValue> item : response.items()) {
        ByteBuffer order = item.get("sk").b().asByteBuffer();
        String key = UTF_8.decode(order.slice(0, order.limit() - 9)).toString();
        if (order.getLong(order.limit() - 8) <= moment) {
          if (key.equals(lastKey)) {
            versions.removeLast();
          }
          versions.add(item.get("v").s());
          lastKey = key;
        }
      }
      from = response.hasLastEvaluatedKey() ? response.lastEvaluatedKey() : Map.of();
    } while (!from.isEmpty());
    return versions;
  }
}
