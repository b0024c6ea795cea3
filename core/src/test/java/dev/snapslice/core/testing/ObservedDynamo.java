package dev.snapslice.core.testing;

import java.util.function.Supplier;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbRequest;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbResponse;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.GetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.ReturnConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsRequest;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsResponse;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemResponse;

/**
 * A client that shows somebody each request before it is sent: to add up what it costs, to do
 * something in between, to answer something old, or to fail. Wraps the embedded DynamoDB Local,
 * which knows no SDK interceptors. Asks for the consumed capacity of every request.
 */
public final class ObservedDynamo implements DynamoDbClient {
  private final DynamoDbClient dynamo;
  private final Observer observer;

  /** Sends a request, or does not. */
  @FunctionalInterface
  public interface Observer {
    DynamoDbResponse call(DynamoDbRequest request, Supplier<DynamoDbResponse> send);
  }

  public ObservedDynamo(DynamoDbClient dynamo, Observer observer) {
    this.dynamo = dynamo;
    this.observer = observer;
  }

  @Override
  public QueryResponse query(QueryRequest request) {
    QueryRequest asked =
        request.toBuilder().returnConsumedCapacity(ReturnConsumedCapacity.TOTAL).build();
    return (QueryResponse) observer.call(asked, () -> dynamo.query(asked));
  }

  @Override
  public GetItemResponse getItem(GetItemRequest request) {
    GetItemRequest asked =
        request.toBuilder().returnConsumedCapacity(ReturnConsumedCapacity.TOTAL).build();
    return (GetItemResponse) observer.call(asked, () -> dynamo.getItem(asked));
  }

  @Override
  public PutItemResponse putItem(PutItemRequest request) {
    PutItemRequest asked =
        request.toBuilder().returnConsumedCapacity(ReturnConsumedCapacity.TOTAL).build();
    return (PutItemResponse) observer.call(asked, () -> dynamo.putItem(asked));
  }

  @Override
  public DeleteItemResponse deleteItem(DeleteItemRequest request) {
    DeleteItemRequest asked =
        request.toBuilder().returnConsumedCapacity(ReturnConsumedCapacity.TOTAL).build();
    return (DeleteItemResponse) observer.call(asked, () -> dynamo.deleteItem(asked));
  }

  @Override
  public UpdateItemResponse updateItem(UpdateItemRequest request) {
    UpdateItemRequest asked =
        request.toBuilder().returnConsumedCapacity(ReturnConsumedCapacity.TOTAL).build();
    return (UpdateItemResponse) observer.call(asked, () -> dynamo.updateItem(asked));
  }

  @Override
  public BatchWriteItemResponse batchWriteItem(BatchWriteItemRequest request) {
    BatchWriteItemRequest asked =
        request.toBuilder().returnConsumedCapacity(ReturnConsumedCapacity.TOTAL).build();
    return (BatchWriteItemResponse) observer.call(asked, () -> dynamo.batchWriteItem(asked));
  }

  @Override
  public TransactWriteItemsResponse transactWriteItems(TransactWriteItemsRequest request) {
    TransactWriteItemsRequest asked =
        request.toBuilder().returnConsumedCapacity(ReturnConsumedCapacity.TOTAL).build();
    return (TransactWriteItemsResponse)
        observer.call(asked, () -> dynamo.transactWriteItems(asked));
  }

  @Override
  public String serviceName() {
    return dynamo.serviceName();
  }

  @Override
  public void close() {
    dynamo.close();
  }
}
