package dev.snapslice.core.testing;

import java.util.List;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbRequest;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbResponse;
import software.amazon.awssdk.services.dynamodb.model.GetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsRequest;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsResponse;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemResponse;

/** Adds up what DynamoDB says that requests consumed. Thread-safe. */
public final class ConsumedCapacity implements ObservedDynamo.Observer {
  /** What a read unit costs, in write units. */
  public static final double WRITE_UNITS_PER_READ_UNIT = 0.2;

  private final DoubleAdder reads = new DoubleAdder();
  private final DoubleAdder writes = new DoubleAdder();
  private final LongAdder requests = new LongAdder();

  /** Read units, write units and requests so far. */
  public record Total(double reads, double writes, long requests) {
    public Total minus(Total before) {
      return new Total(reads - before.reads, writes - before.writes, requests - before.requests);
    }

    /** All in write units. */
    public double asWrites() {
      return writes + reads * WRITE_UNITS_PER_READ_UNIT;
    }
  }

  public Total total() {
    return new Total(reads.sum(), writes.sum(), requests.sum());
  }

  @Override
  public DynamoDbResponse call(DynamoDbRequest request, Supplier<DynamoDbResponse> send) {
    DynamoDbResponse response = send.get();
    requests.increment();
    switch (response) {
      case QueryResponse r -> reads.add(r.consumedCapacity().capacityUnits());
      case GetItemResponse r -> reads.add(r.consumedCapacity().capacityUnits());
      case PutItemResponse r -> writes.add(r.consumedCapacity().capacityUnits());
      case UpdateItemResponse r -> writes.add(r.consumedCapacity().capacityUnits());
      case DeleteItemResponse r -> writes.add(r.consumedCapacity().capacityUnits());
      case BatchWriteItemResponse r -> writes.add(sum(r.consumedCapacity()));
      case TransactWriteItemsResponse r ->
          writes.add(
              Math.max(sum(r.consumedCapacity()), least((TransactWriteItemsRequest) request)));
      default -> throw new IllegalArgumentException("no cost is known of " + response.getClass());
    }
    return response;
  }

  /** DynamoDB Local says 4 of small items, however many; AWS takes 2 for each, checks too. */
  private static double least(TransactWriteItemsRequest request) {
    return 2.0 * request.transactItems().size();
  }

  private static double sum(
      List<software.amazon.awssdk.services.dynamodb.model.ConsumedCapacity> parts) {
    return parts.stream().mapToDouble(part -> part.capacityUnits()).sum();
  }
}
