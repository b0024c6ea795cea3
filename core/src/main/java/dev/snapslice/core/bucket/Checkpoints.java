package dev.snapslice.core.bucket;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.core.json.Json;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * How far long work on a bucket has come: documents in the catalog table, a few for each work, from
 * which the next run goes on. Reads are consistent. Thread-safe.
 */
public final class Checkpoints {
  private final DynamoDbClient dynamo;
  private final String table;

  public Checkpoints(DynamoDbClient dynamo, String table) {
    this.dynamo = dynamo;
    this.table = table;
  }

  <T> Optional<T> get(String work, String part, Class<T> type) {
    var item =
        dynamo.getItem(r -> r.tableName(table).key(key(work, part)).consistentRead(true)).item();
    return item.isEmpty() ? Optional.empty() : Optional.of(Json.read(item.get("doc").s(), type));
  }

  void put(String work, String part, Object document) {
    dynamo.putItem(r ->
        r.tableName(table)
            .item(
                Map.of("pk", fromS(work), "sk", fromS(part), "doc", fromS(Json.write(document)))));
  }

  /** The documents of a work whose part begins so, by part; read lazily. */
  <T> Stream<T> list(String work, String part, Class<T> type) {
    return dynamo
        .queryPaginator(r ->
            r.tableName(table)
                .consistentRead(true)
                .keyConditionExpression("pk = :pk AND begins_with(sk, :part)")
                .expressionAttributeValues(Map.of(":pk", fromS(work), ":part", fromS(part))))
        .items()
        .stream()
        .map(item -> Json.read(item.get("doc").s(), type));
  }

  void delete(String work, String part) {
    dynamo.deleteItem(r -> r.tableName(table).key(key(work, part)));
  }

  /** Forgets all parts of a work. */
  void delete(String work) {
    dynamo
        .queryPaginator(r ->
            r.tableName(table)
                .consistentRead(true)
                .keyConditionExpression("pk = :pk")
                .projectionExpression("pk, sk")
                .expressionAttributeValues(Map.of(":pk", fromS(work))))
        .items()
        .forEach(key -> dynamo.deleteItem(r -> r.tableName(table).key(key)));
  }

  private static Map<String, AttributeValue> key(String work, String part) {
    return Map.of("pk", fromS(work), "sk", fromS(part));
  }
}
