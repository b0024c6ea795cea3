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

/**
 * Lambda's entry to MLflow: an event of API Gateway's HTTP API in, its answer out. Refusals and
 * faults are answered as MLflow's errors, and never fail the invocation.
 */
public final class MlflowHandler implements RequestStreamHandler {
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

  private Reply handle(GatewayEvent event, Invocation invocation) {
    invocation.note("operation", event.method() + " " + event.rawPath());
    invocation.note("principal", event.principal());
    Reply reply;
    try {
      reply = mlflow.apply(Call.of(event)).fitting();
    } catch (RuntimeException | StackOverflowError | LinkageError e) {
      // After other errors, as without memory, nothing can be relied on.
      MlflowException refusal = Refusals.of(e);
      invocation.count("Faults", refusal.code() == Code.INTERNAL_ERROR ? 1 : 0);
      reply = refusal.reply();
    }
    invocation.note("status", reply.status());
    invocation.count("Requests", 1);
    return reply;
  }
}
