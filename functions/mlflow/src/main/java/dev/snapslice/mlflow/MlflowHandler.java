package dev.snapslice.mlflow;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.runtime.AwsClients;
import dev.snapslice.runtime.GatewayEvent;
import dev.snapslice.runtime.Invocation;
import dev.snapslice.runtime.Priming;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Lambda's entry to MLflow: an event of API Gateway's HTTP API in, its answer out. Refusals and
 * faults are answered as MLflow's errors, and never fail the invocation.
 */
public final class MlflowHandler implements RequestStreamHandler {
  private static final Logger log = LoggerFactory.getLogger(MlflowHandler.class);

  private final Function<Call, Reply> mlflow;

  /** As Lambda starts it. */
  public MlflowHandler() {
    this(System.getenv());
  }

  /** As Lambda would start it in an environment. */
  public MlflowHandler(Map<String, String> environment) {
    Mlflow all = Mlflow.of(MlflowSettings.from(environment), new AwsClients());
    this.mlflow = all::answer;
    Priming.register(all::prime);
  }

  MlflowHandler(Function<Call, Reply> mlflow) {
    this.mlflow = mlflow;
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    Reply reply =
        Invocation.<Reply, IOException>run(
            "request", context, invocation -> handle(GatewayEvent.read(input), invocation));
    Json.MAPPER.writeValue(output, reply.forGateway());
  }

  /**
   * What is too large for an item or a key is the caller's; clients try again what is throttled.
   */
  private static MlflowException refusal(DynamoDbException refused) {
    if (refused.isThrottlingException()) {
      return new MlflowException(Code.REQUEST_LIMIT_EXCEEDED, "DynamoDB throttles: try again");
    }
    return isTooLarge(refused)
        ? MlflowException.invalid(
            "that is more than one item of DynamoDB holds: "
                + refused.awsErrorDetails().errorMessage())
        : new MlflowException(Code.TEMPORARILY_UNAVAILABLE, "DynamoDB failed: try again");
  }

  /** What S3 does not know or take is the caller's: an upload or its parts. */
  private static MlflowException refusal(S3Exception refused) {
    return switch (refused.statusCode()) {
      case 400 -> MlflowException.invalid(refused.awsErrorDetails().errorMessage());
      case 404 -> MlflowException.missing(refused.awsErrorDetails().errorMessage());
      case 403 -> new MlflowException(Code.INTERNAL_ERROR, "S3 lets us not; it is in the log");
      default -> new MlflowException(Code.TEMPORARILY_UNAVAILABLE, "S3 failed: try again");
    };
  }

  private static boolean isTooLarge(DynamoDbException refused) {
    return refused instanceof TransactionCanceledException canceled
        ? canceled.cancellationReasons().stream().anyMatch(r -> r.code().equals("ValidationError"))
        : refused.awsErrorDetails().errorCode().equals("ValidationException");
  }

  private Reply handle(GatewayEvent event, Invocation invocation) {
    invocation.note("operation", event.method() + " " + event.rawPath());
    invocation.note("principal", event.principal());
    Reply reply;
    try {
      reply = mlflow.apply(Call.of(event));
    } catch (MlflowException e) {
      reply = e.reply();
    } catch (DynamoDbException e) {
      log.warn("DynamoDB refused", e);
      reply = refusal(e).reply();
    } catch (S3Exception e) {
      log.warn("S3 refused", e);
      reply = refusal(e).reply();
    } catch (RuntimeException | StackOverflowError | LinkageError e) {
      // After other errors, as without memory, nothing can be relied on.
      log.error("a request failed", e);
      invocation.count("Faults", 1);
      reply =
          new MlflowException(Code.INTERNAL_ERROR, "something failed; it is in the log").reply();
    }
    invocation.note("status", reply.status());
    invocation.count("Requests", 1);
    return reply;
  }
}
