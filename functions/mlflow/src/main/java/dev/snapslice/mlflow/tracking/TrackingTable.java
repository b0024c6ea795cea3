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

  /** All items of a partition, in order of their sort keys, read consistently. */
  List<Map<String, AttributeValue>> partition(String partition) {
    return dynamo
        .queryPaginator(r ->
            r.tableName(name)
                .consistentRead(true)
                .keyConditionExpression("pk = :pk")
                .expressionAttributeValues(Map.of(":pk", fromS(partition))))
        .items()
        .stream()
        .toList();
  }
}
