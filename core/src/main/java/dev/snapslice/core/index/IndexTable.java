package dev.snapslice.core.index;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.Put;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/**
 * The index's DynamoDB table, in the few requests that the index makes of it. The low-level client,
 * because pages are opaque bytes and these are the hot paths. Thread-safe.
 */
final class IndexTable {
  static final String PK = "pk";
  static final String SK = "sk";
  private static final int BATCH = 25;
  private static final int ATTEMPTS = 6;
  private static final int LONGEST_SORT_KEY = 1024;

  private final DynamoDbClient dynamo;
  private final String table;

  IndexTable(DynamoDbClient dynamo, String table) {
    this.dynamo = dynamo;
    this.table = table;
  }

  /**
   * Items of one partition with sort keys in [from, to], and where to go on if the limit cut them
   * short.
   */
  record Items(List<Map<String, AttributeValue>> items, boolean complete) {}

  /** A range of one partition. */
  record Range(String pk, byte[] from, byte[] to) {}

  /** The first {@code limit} items of a range, in sort order. */
  Items first(Range range, int limit, boolean consistent) {
    return query(range, true, limit, consistent);
  }

  /** All items of a range, in sort order. */
  List<Map<String, AttributeValue>> all(Range range, boolean consistent) {
    return query(range, true, Integer.MAX_VALUE, consistent).items();
  }

  /** The last item of a range. */
  Optional<Map<String, AttributeValue>> last(Range range, boolean consistent) {
    return query(range, false, 1, consistent).items().stream().findFirst();
  }

  private Items query(Range range, boolean forward, int limit, boolean consistent) {
    List<Map<String, AttributeValue>> items = new ArrayList<>();
    Map<String, AttributeValue> startKey = Map.of();
    do {
      QueryRequest.Builder request =
          QueryRequest.builder()
              .tableName(table)
              .keyConditionExpression("pk = :pk AND sk BETWEEN :from AND :to")
              .expressionAttributeValues(
                  Map.of(
                      ":pk", text(range.pk()),
                      ":from", binary(clipped(range.from())),
                      ":to", binary(clipped(range.to()))))
              .scanIndexForward(forward)
              .consistentRead(consistent);
      if (limit != Integer.MAX_VALUE) {
        request.limit(limit - items.size());
      }
      if (!startKey.isEmpty()) {
        request.exclusiveStartKey(startKey);
      }
      QueryResponse response = dynamo.query(request.build());
      items.addAll(response.items());
      startKey = response.hasLastEvaluatedKey() ? response.lastEvaluatedKey() : Map.of();
    } while (!startKey.isEmpty() && items.size() < limit);
    return new Items(items, startKey.isEmpty());
  }

  /**
   * A border of a range made of a key of 1,024 bytes may be longer than any sort key: none lies
   * between it and its first 1,024 bytes.
   */
  private static byte[] clipped(byte[] border) {
    return border.length <= LONGEST_SORT_KEY ? border : Arrays.copyOf(border, LONGEST_SORT_KEY);
  }

  Optional<Map<String, AttributeValue>> get(String pk, byte[] sk, boolean consistent) {
    Map<String, AttributeValue> item =
        dynamo.getItem(r -> r.tableName(table).key(key(pk, sk)).consistentRead(consistent)).item();
    return item.isEmpty() ? Optional.empty() : Optional.of(item);
  }

  /** Writes an item where the condition holds; says whether it did. */
  boolean put(
      Map<String, AttributeValue> item, String condition, Map<String, AttributeValue> values) {
    try {
      dynamo.putItem(r -> {
        r.tableName(table).item(item).conditionExpression(condition);
        if (!values.isEmpty()) {
          r.expressionAttributeValues(values);
        }
      });
      return true;
    } catch (ConditionalCheckFailedException e) {
      return false;
    }
  }

  void put(Map<String, AttributeValue> item) {
    dynamo.putItem(r -> r.tableName(table).item(item));
  }

  /** Changes some attributes where the condition holds; says whether it did. */
  boolean update(
      String pk, byte[] sk, String change, String condition, Map<String, AttributeValue> values) {
    try {
      dynamo.updateItem(r ->
          r.tableName(table)
              .key(key(pk, sk))
              .updateExpression(change)
              .conditionExpression(condition)
              .expressionAttributeValues(values));
      return true;
    } catch (ConditionalCheckFailedException e) {
      return false;
    }
  }

  /** Puts all items or none; the first only where the condition holds. Says whether it did. */
  boolean putTogether(
      List<Map<String, AttributeValue>> items,
      String conditionOfFirst,
      Map<String, AttributeValue> values) {
    List<TransactWriteItem> writes = new ArrayList<>();
    for (Map<String, AttributeValue> item : items) {
      Put.Builder put = Put.builder().tableName(table).item(item);
      if (writes.isEmpty()) {
        put.conditionExpression(conditionOfFirst).expressionAttributeValues(values);
      }
      writes.add(TransactWriteItem.builder().put(put.build()).build());
    }
    try {
      dynamo.transactWriteItems(r -> r.transactItems(writes));
      return true;
    } catch (TransactionCanceledException e) {
      return false;
    }
  }

  /**
   * Writes items in no order, 25 a request. Returns the places in the list of those that could not
   * be written.
   */
  List<Integer> putAll(List<Map<String, AttributeValue>> items) {
    List<WriteRequest> writes =
        items.stream()
            .map(item -> WriteRequest.builder().putRequest(p -> p.item(item)).build())
            .toList();
    return writeAll(writes);
  }

  /** Deletes items; what could not be deleted stays and is deleted by a later run. */
  void deleteAll(String pk, List<byte[]> sortKeys) {
    writeAll(
        sortKeys.stream()
            .map(sk -> WriteRequest.builder().deleteRequest(d -> d.key(key(pk, sk))).build())
            .toList());
  }

  private List<Integer> writeAll(List<WriteRequest> writes) {
    List<Integer> failed = new ArrayList<>();
    for (int from = 0; from < writes.size(); from += BATCH) {
      int to = Math.min(from + BATCH, writes.size());
      List<WriteRequest> left = writeBatch(writes.subList(from, to));
      for (int i = from; i < to; i++) {
        if (left.contains(writes.get(i))) {
          failed.add(i);
        }
      }
    }
    return failed;
  }

  private List<WriteRequest> writeBatch(List<WriteRequest> batch) {
    List<WriteRequest> left = batch;
    for (int attempt = 0; attempt < ATTEMPTS && !left.isEmpty(); attempt++) {
      if (attempt > 0) {
        pause(attempt);
      }
      Map<String, List<WriteRequest>> request = Map.of(table, left);
      try {
        BatchWriteItemResponse response = dynamo.batchWriteItem(r -> r.requestItems(request));
        left = response.unprocessedItems().getOrDefault(table, List.of());
      } catch (SdkException e) {
        return left;
      }
    }
    return left;
  }

  private static void pause(int attempt) {
    try {
      long most = Duration.ofMillis(25L << attempt).toMillis();
      Thread.sleep(ThreadLocalRandom.current().nextLong(most / 2, most));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static Map<String, AttributeValue> key(String pk, byte[] sk) {
    Map<String, AttributeValue> key = new HashMap<>();
    key.put(PK, text(pk));
    key.put(SK, binary(sk));
    return key;
  }

  static AttributeValue text(String value) {
    return AttributeValue.fromS(value);
  }

  static AttributeValue number(long value) {
    return AttributeValue.fromN(Long.toString(value));
  }

  static AttributeValue binary(byte[] value) {
    return AttributeValue.fromB(SdkBytes.fromByteArrayUnsafe(value));
  }

  static byte[] bytes(Map<String, AttributeValue> item, String name) {
    AttributeValue value = item.get(name);
    return value == null ? new byte[0] : value.b().asByteArrayUnsafe();
  }

  static long number(Map<String, AttributeValue> item, String name) {
    AttributeValue value = item.get(name);
    return value == null ? 0 : Long.parseLong(value.n());
  }
}
