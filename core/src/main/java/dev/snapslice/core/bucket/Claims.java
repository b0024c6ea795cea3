package dev.snapslice.core.bucket;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;

/**
 * Rights to do a thing that only one worker should do, or only once in a while: rows of the catalog
 * table that run out by themselves, so that a worker who died blocks nobody for ever. Thread-safe.
 */
public final class Claims {
  private final DynamoDbClient dynamo;
  private final String table;
  private final InstantSource clock;

  public Claims(DynamoDbClient dynamo, String table, InstantSource clock) {
    this.dynamo = dynamo;
    this.table = table;
    this.clock = clock;
  }

  /** Claims a thing for some time; false if somebody has claimed it and his time is not over. */
  public boolean take(String thing, Duration time) {
    long now = clock.millis();
    try {
      dynamo.updateItem(r ->
          r.tableName(table)
              .key(key(thing))
              .updateExpression("SET #u = :until")
              .conditionExpression("attribute_not_exists(#u) OR #u <= :now")
              .expressionAttributeNames(Map.of("#u", "until"))
              .expressionAttributeValues(
                  Map.of(":until", millis(now + time.toMillis()), ":now", millis(now))));
      return true;
    } catch (ConditionalCheckFailedException e) {
      return false;
    }
  }

  /** Gives a thing back before its time is over. */
  public void release(String thing) {
    dynamo.deleteItem(r -> r.tableName(table).key(key(thing)));
  }

  private static AttributeValue millis(long value) {
    return fromN(Long.toString(value));
  }

  private static Map<String, AttributeValue> key(String thing) {
    return Map.of("pk", fromS("claims"), "sk", fromS(thing));
  }
}
