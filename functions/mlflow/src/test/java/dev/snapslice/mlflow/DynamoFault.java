package dev.snapslice.mlflow;

import java.util.function.Supplier;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.services.dynamodb.model.CancellationReason;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbRequest;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbResponse;
import software.amazon.awssdk.services.dynamodb.model.InternalServerErrorException;
import software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsRequest;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.TransactionConflictException;

/** How a call to DynamoDB fails that may succeed another time. */
enum DynamoFault {
  THROTTLED,
  OVER_CAPACITY,
  IN_CONFLICT,
  FAILED,
  UNANSWERED,
  DONE_AND_UNANSWERED;

  DynamoDbResponse instead(DynamoDbRequest request, Supplier<DynamoDbResponse> send) {
    boolean together = request instanceof TransactWriteItemsRequest;
    throw switch (this) {
      case THROTTLED ->
          together
              ? canceled("ThrottlingError")
              : refused(DynamoDbException.builder(), "ThrottlingException", 400);
      case OVER_CAPACITY ->
          together
              ? canceled("ProvisionedThroughputExceeded")
              : refused(
                  ProvisionedThroughputExceededException.builder(),
                  "ProvisionedThroughputExceededException",
                  400);
      case IN_CONFLICT ->
          together
              ? canceled("TransactionConflict")
              : refused(
                  TransactionConflictException.builder(), "TransactionConflictException", 400);
      case FAILED -> refused(InternalServerErrorException.builder(), "InternalServerError", 500);
      case UNANSWERED -> ApiCallTimeoutException.create(25_000);
      case DONE_AND_UNANSWERED -> {
        var _ = send.get();
        yield ApiCallTimeoutException.create(25_000);
      }
    };
  }

  private static RuntimeException canceled(String reason) {
    return refused(
        TransactionCanceledException.builder()
            .cancellationReasons(
                CancellationReason.builder().code("None").build(),
                CancellationReason.builder().code(reason).build()),
        "TransactionCanceledException",
        400);
  }

  private static RuntimeException refused(
      DynamoDbException.Builder exception, String code, int status) {
    AwsErrorDetails details =
        AwsErrorDetails.builder().errorCode(code).errorMessage("of a test").build();
    return (RuntimeException) exception.awsErrorDetails(details).statusCode(status).build();
  }
}
