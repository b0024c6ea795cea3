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

/**
 * Lambda's entry to MLflow: an event of API Gateway's HTTP API in, its answer out. Refusals and
 * faults are answered as MLflow's errors, and never fail the invocation.
 */
public final class MlflowHandler implements RequestStreamHandler {
  private final Mlflow mlflow;

  /** As Lambda starts it. */
  public MlflowHandler() {
    this(System.getenv());
  }

  /** As Lambda would start it in an environment. */
  public MlflowHandler(Map<String, String> environment) {
    this.mlflow = Mlflow.of(MlflowSettings.from(environment), new AwsClients());
    Priming.register(mlflow::prime);
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
      reply = mlflow.answer(Call.of(event)).fitting();
    } catch (RuntimeException | StackOverflowError | LinkageError e) {
      MlflowException refusal = Refusals.of(e);
      invocation.count("Faults", refusal.code() == Code.INTERNAL_ERROR ? 1 : 0);
      reply = refusal.reply();
    }
    invocation.note("status", reply.status());
    invocation.count("Requests", 1);
    return reply;
  }
}
