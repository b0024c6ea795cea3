package dev.snapslice.core.label;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromBool;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.core.time.ViewSpec;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;

/**
 * The labels of all buckets, in the catalog table, a row each. A deleted one leaves its row, so
 * that its name never comes to mean something else. Reads are consistent. Thread-safe.
 */
public final class Labels {
  private final DynamoDbClient dynamo;
  private final String table;

  public Labels(DynamoDbClient dynamo, String table) {
    this.dynamo = dynamo;
    this.table = table;
  }

  /**
   * Keeps a new label.
   *
   * @throws NameTakenException if the bucket has, or ever had, one of that name
   */
  public void create(Label label) {
    try {
      dynamo.putItem(r ->
          r.tableName(table)
              .item(
                  Map.of(
                      "pk", partition(label.bucket()),
                      "sk", fromS(label.name()),
                      "view", fromS(label.view().toString()),
                      "prefix", fromS(label.prefix()),
                      "owner", fromS(label.owner()),
                      "note", fromS(label.note()),
                      "created", fromS(label.created().toString())))
              .conditionExpression("attribute_not_exists(pk)"));
    } catch (ConditionalCheckFailedException e) {
      throw new NameTakenException(label.name(), e);
    }
  }

  public Optional<Label> get(String bucket, String name) {
    var item =
        dynamo.getItem(r -> r.tableName(table).key(key(bucket, name)).consistentRead(true)).item();
    return item.isEmpty() || item.containsKey("deleted")
        ? Optional.empty()
        : Optional.of(read(bucket, item));
  }

  /** A bucket's labels, by name. */
  public List<Label> list(String bucket) {
    return dynamo
        .queryPaginator(r ->
            r.tableName(table)
                .consistentRead(true)
                .keyConditionExpression("pk = :pk")
                .filterExpression("attribute_not_exists(deleted)")
                .expressionAttributeValues(Map.of(":pk", partition(bucket))))
        .items()
        .stream()
        .map(item -> read(bucket, item))
        .toList();
  }

  /** Deletes a label. False if there is none. */
  public boolean delete(String bucket, String name) {
    try {
      dynamo.updateItem(r ->
          r.tableName(table)
              .key(key(bucket, name))
              .updateExpression("SET deleted = :true")
              .conditionExpression("attribute_exists(pk) AND attribute_not_exists(deleted)")
              .expressionAttributeValues(Map.of(":true", fromBool(true))));
      return true;
    } catch (ConditionalCheckFailedException e) {
      return false;
    }
  }

  private static Label read(String bucket, Map<String, AttributeValue> item) {
    return new Label(
        bucket,
        item.get("sk").s(),
        ViewSpec.parse(item.get("view").s()),
        item.get("prefix").s(),
        item.get("owner").s(),
        item.get("note").s(),
        Instant.parse(item.get("created").s()));
  }

  private static AttributeValue partition(String bucket) {
    return fromS("labels#" + bucket);
  }

  private static Map<String, AttributeValue> key(String bucket, String name) {
    return Map.of("pk", partition(bucket), "sk", fromS(name));
  }

  /** The bucket has, or had, a label of that name. */
  public static final class NameTakenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NameTakenException(String name, Throwable cause) {
      super(
          "the name '" + name + "' was given out already, and names are never given out again",
          cause);
    }
  }
}
