package dev.snapslice.ingest;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughputExceededException;

/**
 * DynamoDB that is real but for its next batch writes, each of which goes as told. In process there
 * is no request for an SDK's interceptor to stand before.
 */
final class FaultyDynamo {
  private final DynamoDbClient real;
  private final Queue<Fault> next = new ArrayDeque<>();
  private boolean unreachable;

  FaultyDynamo(DynamoDbClient real) {
    this.real = real;
  }

  /** What becomes of a batch write. */
  enum Fault {
    /** It is done. */
    NONE,
    /** Nothing is written; the client has given up trying again. */
    THROTTLED,
    /** Nothing is written, and DynamoDB says so item by item. */
    UNPROCESSED,
    /** The function dies before it. */
    KILLED_BEFORE,
    /** The function dies after it. */
    KILLED_AFTER
  }

  /** The process is gone: nobody catches this. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** The next batch writes go so; those after them are done. */
  void next(Fault... faults) {
    next.addAll(List.of(faults));
  }

  void unreachable(boolean now) {
    unreachable = now;
  }

  DynamoDbClient client() {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          if (unreachable) {
            throw SdkClientException.create("no route to host");
          }
          if (arguments != null && arguments[0] instanceof BatchWriteItemRequest request) {
            return write(request);
          }
          if (method.getName().equals("batchWriteItem")) {
            return InvocationHandler.invokeDefault(proxy, method, arguments);
          }
          try {
            return method.invoke(real, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    return (DynamoDbClient)
        Proxy.newProxyInstance(
            DynamoDbClient.class.getClassLoader(), new Class<?>[] {DynamoDbClient.class}, handler);
  }

  private BatchWriteItemResponse write(BatchWriteItemRequest request) {
    return switch (next.isEmpty() ? Fault.NONE : next.remove()) {
      case NONE -> real.batchWriteItem(request);
      case THROTTLED ->
          throw ProvisionedThroughputExceededException.builder().message("slow down").build();
      case UNPROCESSED ->
          BatchWriteItemResponse.builder()
              .unprocessedItems(Map.copyOf(request.requestItems()))
              .build();
      case KILLED_BEFORE -> throw new Killed();
      case KILLED_AFTER -> {
        real.batchWriteItem(request);
        throw new Killed();
      }
    };
  }
}
