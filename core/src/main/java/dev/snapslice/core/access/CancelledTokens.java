package dev.snapslice.core.access;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import java.time.Instant;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Tokens that were derived from a credential and taken back before their end, in the catalog table,
 * a row each, which goes when the token would have ended. Thread-safe.
 */
public final class CancelledTokens {
  private final DynamoDbClient dynamo;
  private final String table;

  public CancelledTokens(DynamoDbClient dynamo, String table) {
    this.dynamo = dynamo;
    this.table = table;
  }

  /**
   * Takes a token back.
   *
   * @param token a name of it that betrays nothing, as a digest
   * @param end when it would have ended
   */
  public void cancel(String token, Instant end) {
    dynamo.putItem(r ->
        r.tableName(table)
            .item(
                Map.of(
                    "pk", fromS("cancelled-tokens"),
                    "sk", fromS(token),
                    "expires", fromN(Long.toString(end.getEpochSecond() + 1)))));
  }

  public boolean contains(String token) {
    Map<String, AttributeValue> key = Map.of("pk", fromS("cancelled-tokens"), "sk", fromS(token));
    return dynamo.getItem(r -> r.tableName(table).key(key).consistentRead(true)).hasItem();
  }
}
