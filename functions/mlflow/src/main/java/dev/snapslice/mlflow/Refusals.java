package dev.snapslice.mlflow;

import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * What callers are told of what a request failed at. MLflow's clients try again what is answered
 * 429 or 503, and raise an error for all else.
 */
final class Refusals {
  private static final Logger log = LoggerFactory.getLogger(Refusals.class);

  /** What DynamoDB throttles in a transaction: by table, or by account. */
  private static final Set<String> THROTTLED =
      Set.of("ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded");

  private Refusals() {}

  static MlflowException of(Throwable failure) {
    return switch (failure) {
      case MlflowException refused -> refused;
      case DynamoDbException refused -> ofDynamo(refused);
      case S3Exception refused -> {
        log.warn("S3 refused", refused);
        yield ofS3(refused);
      }
      case SdkException failed -> {
        log.warn("a service did not answer: {}", failed.toString());
        yield new MlflowException(Code.TEMPORARILY_UNAVAILABLE, "a service failed: try again");
      }
      default -> {
        log.error("a request failed", failure);
        yield new MlflowException(Code.INTERNAL_ERROR, "something failed; it is in the log");
      }
    };
  }

  /** What is too large for an item or a key is the caller's. */
  private static MlflowException ofDynamo(DynamoDbException refused) {
    if (hasReason(refused, Set.of("ValidationError"))
        || "ValidationException".equals(refused.awsErrorDetails().errorCode())) {
      log.warn("DynamoDB refused", refused);
      return MlflowException.invalid(
          "that is more than one item of DynamoDB holds: "
              + refused.awsErrorDetails().errorMessage());
    }
    // Without a stack: of these, many come at once.
    log.warn("DynamoDB failed: {}", refused.toString());
    return refused.isThrottlingException() || hasReason(refused, THROTTLED)
        ? new MlflowException(Code.REQUEST_LIMIT_EXCEEDED, "DynamoDB throttles: try again")
        : new MlflowException(Code.TEMPORARILY_UNAVAILABLE, "DynamoDB failed: try again");
  }

  private static boolean hasReason(DynamoDbException refused, Set<String> codes) {
    return refused instanceof TransactionCanceledException canceled
        && canceled.cancellationReasons().stream().anyMatch(r -> codes.contains(r.code()));
  }

  /** What S3 does not know or take is the caller's: an upload or its parts. */
  private static MlflowException ofS3(S3Exception refused) {
    return switch (refused.statusCode()) {
      case 400 -> MlflowException.invalid(refused.awsErrorDetails().errorMessage());
      case 404 -> MlflowException.missing(refused.awsErrorDetails().errorMessage());
      case 403 -> new MlflowException(Code.INTERNAL_ERROR, "S3 lets us not; it is in the log");
      default -> new MlflowException(Code.TEMPORARILY_UNAVAILABLE, "S3 failed: try again");
    };
  }
}
