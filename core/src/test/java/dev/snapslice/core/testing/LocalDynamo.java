package dev.snapslice.core.testing;

import com.amazonaws.services.dynamodbv2.local.embedded.DynamoDBEmbedded;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/**
 * DynamoDB Local in this process, in memory, shared by all tests of a JVM: each asks for tables of
 * its own. Tests in other modules get it from core's test jar.
 */
public final class LocalDynamo {
  private static final DynamoDbClient CLIENT = start();

  private LocalDynamo() {}

  private static DynamoDbClient start() {
    return uninterrupted(DynamoDBEmbedded.create(true).dynamoDbClient());
  }

  /**
   * DynamoDB Local keeps a table locked for ever when a thread is interrupted in the middle of a
   * call, as {@code Gatherers.mapConcurrent} does to the others when one fails: so each call has a
   * thread of its own.
   */
  private static DynamoDbClient uninterrupted(DynamoDbClient client) {
    return (DynamoDbClient)
        Proxy.newProxyInstance(
            LocalDynamo.class.getClassLoader(),
            new Class<?>[] {DynamoDbClient.class},
            (proxy, method, arguments) -> {
              CompletableFuture<Object> result = new CompletableFuture<>();
              Thread.ofVirtual()
                  .start(() -> {
                    try {
                      result.complete(method.invoke(client, arguments));
                    } catch (InvocationTargetException e) {
                      result.completeExceptionally(e.getCause());
                    } catch (IllegalAccessException e) {
                      result.completeExceptionally(e);
                    }
                  });
              try {
                return result.join();
              } catch (CompletionException e) {
                throw e.getCause();
              }
            });
  }

  public static DynamoDbClient client() {
    return CLIENT;
  }

  /** A new, empty table with the index's keys: a text and bytes. */
  public static String newIndexTable() {
    return newTable("index-" + UUID.randomUUID(), ScalarAttributeType.B);
  }

  /** A new, empty table with the catalog's keys: two texts. */
  public static String newCatalogTable() {
    return newTable("catalog-" + UUID.randomUUID(), ScalarAttributeType.S);
  }

  private static String newTable(String name, ScalarAttributeType sortKey) {
    CLIENT.createTable(r ->
        r.tableName(name)
            .billingMode(BillingMode.PAY_PER_REQUEST)
            .attributeDefinitions(
                a -> a.attributeName("pk").attributeType(ScalarAttributeType.S),
                a -> a.attributeName("sk").attributeType(sortKey))
            .keySchema(
                k -> k.attributeName("pk").keyType(KeyType.HASH),
                k -> k.attributeName("sk").keyType(KeyType.RANGE)));
    return name;
  }
}
