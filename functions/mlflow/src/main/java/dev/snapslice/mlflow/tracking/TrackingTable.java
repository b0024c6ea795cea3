package dev.snapslice.mlflow.tracking;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The DynamoDB table of all that MLflow keeps: a partition key {@code pk}, a sort key {@code sk}.
 */
public record TrackingTable(DynamoDbClient dynamo, String name) {

  static Map<String, AttributeValue> key(String partition, String sort) {
    return Map.of("pk", fromS(partition), "sk", fromS(sort));
  }

  /** An item, read consistently; empty where there is none. */
  Map<String, AttributeValue> get(Map<String, AttributeValue> key) {
    return dynamo.getItem(r -> r.tableName(name).key(key).consistentRead(true)).item();
  }

  void put(Map<String, AttributeValue> item) {
    dynamo.putItem(r -> r.tableName(name).item(item));
  }

  /** All items of a partition, in order of their sort keys, read consistently. */
  List<Map<String, AttributeValue>> partition(String partition) {
    return query("pk = :pk", Map.of(":pk", fromS(partition)));
  }

  /** Those of a partition whose sort keys begin so. */
  List<Map<String, AttributeValue>> partition(String partition, String prefix) {
    return query(
        "pk = :pk AND begins_with(sk, :prefix)",
        Map.of(":pk", fromS(partition), ":prefix", fromS(prefix)));
  }

  private List<Map<String, AttributeValue>> query(
      String condition, Map<String, AttributeValue> values) {
    return dynamo
        .queryPaginator(r ->
            r.tableName(name)
                .consistentRead(true)
                .keyConditionExpression(condition)
                .expressionAttributeValues(values))
        .items()
        .stream()
        .toList();
  }
}
