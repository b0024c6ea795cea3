package dev.snapslice.mlflow.table;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/**
 * The DynamoDB table of all that MLflow keeps: a partition key {@code pk}, a sort key {@code sk}.
 */
public record TrackingTable(DynamoDbClient dynamo, String name) {
  private static final int ATTEMPTS = 8;
  private static final int LONGEST_WAIT_MS = 50;

  /** As many as a transaction takes, and less than its 4 MB. */
  private static final int ITEMS_TOGETHER = 100;

  private static final long BYTES_TOGETHER = 3_500_000;

  /** As many as BatchWriteItem takes. */
  private static final int DELETIONS_AT_ONCE = 25;

  public static Map<String, AttributeValue> key(String partition, String sort) {
    return Map.of("pk", fromS(partition), "sk", fromS(sort));
  }

  /** An item, read consistently; empty where there is none. */
  public Map<String, AttributeValue> get(Map<String, AttributeValue> key) {
    return dynamo.getItem(r -> r.tableName(name).key(key).consistentRead(true)).item();
  }

  public void put(Map<String, AttributeValue> item) {
    dynamo.putItem(r -> r.tableName(name).item(item));
  }

  /**
   * Puts items at one moment. Where they are more than a transaction takes, the first ones may be
   * there when this fails.
   */
  public void putTogether(List<Map<String, AttributeValue>> items) {
    if (items.size() == 1) {
      put(items.getFirst()); // at half the price
      return;
    }
    List<TransactWriteItem> together = new ArrayList<>();
    long size = 0;
    for (Map<String, AttributeValue> item : items) {
      size += mostBytes(item);
      if (together.size() == ITEMS_TOGETHER || size > BYTES_TOGETHER) {
        write(together);
        together.clear();
        size = mostBytes(item);
      }
      together.add(replacing(item));
    }
    if (!together.isEmpty()) {
      write(together);
    }
  }

  private static long mostBytes(Map<String, AttributeValue> item) {
    return item.values().stream()
        .mapToLong(value ->
            value.b() == null
                ? 3L * value.toString().length()
                : value.b().asByteArrayUnsafe().length)
        .sum();
  }

  /**
   * Puts a few items, which one request takes, one by one: some may be there when this fails.
   *
   * @throws ProvisionedThroughputExceededException if DynamoDB keeps putting some off
   */
  public void putAll(List<Map<String, AttributeValue>> items) {
    List<WriteRequest> left =
        items.stream()
            .map(item -> WriteRequest.builder().putRequest(put -> put.item(item)).build())
            .toList();
    for (int attempt = 1; !left.isEmpty(); attempt++) {
      if (attempt > ATTEMPTS) {
        throw putOff();
      }
      left = writeSome(left, attempt);
    }
  }

  private static DynamoDbException putOff() {
    AwsErrorDetails details =
        AwsErrorDetails.builder().errorCode("ProvisionedThroughputExceededException").build();
    return ProvisionedThroughputExceededException.builder().awsErrorDetails(details).build();
  }

  /** All items of a partition, in order of their sort keys, read consistently. */
  public List<Map<String, AttributeValue>> partition(String partition) {
    return query("pk = :pk", Map.of(":pk", fromS(partition)));
  }

  /** Those of a partition whose sort keys begin so. */
  public List<Map<String, AttributeValue>> partition(String partition, String prefix) {
    return query(
        "pk = :pk AND begins_with(sk, :prefix)",
        Map.of(":pk", fromS(partition), ":prefix", fromS(prefix)));
  }

  /** All items of a partition, in order of their sort keys, read as far as the stream is. */
  public Stream<Map<String, AttributeValue>> stream(String partition) {
    return items("pk = :pk", Map.of(":pk", fromS(partition)));
  }

  /** Those whose sort keys come after one, in their order, read as far as the stream is. */
  public Stream<Map<String, AttributeValue>> after(String partition, String sort) {
    return items("pk = :pk AND sk > :sk", Map.of(":pk", fromS(partition), ":sk", fromS(sort)));
  }

  /** Those whose sort keys come before one, in their order, read as far as the stream is. */
  public Stream<Map<String, AttributeValue>> before(String partition, String sort) {
    return items("pk = :pk AND sk < :sk", Map.of(":pk", fromS(partition), ":sk", fromS(sort)));
  }

  private List<Map<String, AttributeValue>> query(
      String condition, Map<String, AttributeValue> values) {
    return items(condition, values).toList();
  }

  private Stream<Map<String, AttributeValue>> items(
      String condition, Map<String, AttributeValue> values) {
    return dynamo
        .queryPaginator(r ->
            r.tableName(name)
                .consistentRead(true)
                .keyConditionExpression(condition)
                .expressionAttributeValues(values))
        .items()
        .stream();
  }

  /** Puts an item where there is none, and tells whether there was none. */
  public boolean putIfAbsent(Map<String, AttributeValue> item) {
    try {
      dynamo.putItem(
          r -> r.tableName(name).item(item).conditionExpression("attribute_not_exists(pk)"));
      return true;
    } catch (ConditionalCheckFailedException e) {
      return false;
    }
  }

  public void delete(Map<String, AttributeValue> key) {
    dynamo.deleteItem(r -> r.tableName(name).key(key));
  }

  /** Deletes an item that has a certain value, and tells whether it had. */
  public boolean delete(Map<String, AttributeValue> key, String attribute, AttributeValue value) {
    try {
      dynamo.deleteItem(r ->
          r.tableName(name)
              .key(key)
              .conditionExpression("#attribute = :value")
              .expressionAttributeNames(Map.of("#attribute", attribute))
              .expressionAttributeValues(Map.of(":value", value)));
      return true;
    } catch (ConditionalCheckFailedException e) {
      return false;
    }
  }

  /** Deletes all items of a partition whose sort keys begin so, or as many as time allows. */
  public void clear(String partition, String prefix, Deadline deadline) {
    List<WriteRequest> deletions = new ArrayList<>();
    Stream<Map<String, AttributeValue>> items =
        prefix.isEmpty() ? stream(partition) : partition(partition, prefix).stream();
    items.forEach(item -> {
      deletions.add(
          WriteRequest.builder()
              .deleteRequest(d -> d.key(key(partition, item.get("sk").s())))
              .build());
      if (deletions.size() == DELETIONS_AT_ONCE) {
        deleteAll(deletions, deadline);
      }
    });
    deleteAll(deletions, deadline);
  }

  private void deleteAll(List<WriteRequest> deletions, Deadline deadline) {
    for (int attempt = 1; !deletions.isEmpty(); attempt++) {
      deadline.check();
      List<WriteRequest> left = writeSome(List.copyOf(deletions), attempt);
      deletions.clear();
      deletions.addAll(left);
    }
  }

  /** Writes as many as DynamoDB takes now, and tells those that are left, after a while. */
  private List<WriteRequest> writeSome(List<WriteRequest> writes, int attempt) {
    List<WriteRequest> left =
        dynamo
            .batchWriteItem(r -> r.requestItems(Map.of(name, writes)))
            .unprocessedItems()
            .getOrDefault(name, List.of());
    if (!left.isEmpty()) {
      pause(attempt);
    }
    return left;
  }

  /** Changes an item, and tells whether it was there and the conditions held. */
  public boolean update(Map<String, AttributeValue> key, Change change) {
    try {
      dynamo.updateItem(r -> {
        r.tableName(name).key(key);
        change.fill(r);
      });
      return true;
    } catch (ConditionalCheckFailedException e) {
      return false;
    }
  }

  /** The same, and tells the item as it is then; empty if a condition did not hold. */
  public Optional<Map<String, AttributeValue>> updated(
      Map<String, AttributeValue> key, Change change) {
    try {
      return Optional.of(
          dynamo
              .updateItem(r -> {
                r.tableName(name).key(key).returnValues(ReturnValue.ALL_NEW);
                change.fill(r);
              })
              .attributes());
    } catch (ConditionalCheckFailedException e) {
      return Optional.empty();
    }
  }

  /** A part of {@link #write}: puts an item where there is none. */
  public TransactWriteItem putting(Map<String, AttributeValue> item) {
    return TransactWriteItem.builder()
        .put(put -> put.tableName(name).item(item).conditionExpression("attribute_not_exists(pk)"))
        .build();
  }

  /** A part of {@link #write}: puts an item, there or not. */
  public TransactWriteItem replacing(Map<String, AttributeValue> item) {
    return TransactWriteItem.builder().put(put -> put.tableName(name).item(item)).build();
  }

  /** A part of {@link #write}: only if an item is there and has certain values. */
  public TransactWriteItem checking(
      Map<String, AttributeValue> key, Map<String, AttributeValue> where) {
    return TransactWriteItem.builder()
        .conditionCheck(check -> conditions(where).fill(check.tableName(name).key(key)))
        .build();
  }

  private static Change conditions(Map<String, AttributeValue> where) {
    Change conditions = new Change();
    where.forEach(conditions::where);
    return conditions;
  }

  /** A part of {@link #write}: deletes an item that is there. */
  public TransactWriteItem deleting(Map<String, AttributeValue> key) {
    return TransactWriteItem.builder()
        .delete(
            delete -> delete.tableName(name).key(key).conditionExpression("attribute_exists(pk)"))
        .build();
  }

  /** The same of an item that has certain values. */
  public TransactWriteItem deleting(
      Map<String, AttributeValue> key, Map<String, AttributeValue> where) {
    return TransactWriteItem.builder()
        .delete(delete -> conditions(where).fill(delete.tableName(name).key(key)))
        .build();
  }

  /** A part of {@link #write}: changes an item that is there. */
  public TransactWriteItem updating(Map<String, AttributeValue> key, Change change) {
    return TransactWriteItem.builder()
        .update(part -> {
          part.tableName(name).key(key);
          change.fill(part);
        })
        .build();
  }

  /** Writes all or, if a condition does not hold, nothing; tells which. */
  public boolean write(List<TransactWriteItem> items) {
    for (int attempt = 1; ; attempt++) {
      try {
        dynamo.transactWriteItems(r -> r.transactItems(items));
        return true;
      } catch (TransactionCanceledException e) {
        List<String> reasons = e.cancellationReasons().stream().map(r -> r.code()).toList();
        if (reasons.contains("ConditionalCheckFailed")) {
          return false;
        }
        // Somebody else writes the same items just now: then who was first is known.
        if (!reasons.contains("TransactionConflict") || attempt == ATTEMPTS) {
          throw e;
        }
        pause(attempt);
      }
    }
  }

  /** Waits a moment, each time a longer one, so that those who meet part again. */
  public static void pause(int attempt) {
    try {
      Thread.sleep(ThreadLocalRandom.current().nextLong((long) LONGEST_WAIT_MS * attempt));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
