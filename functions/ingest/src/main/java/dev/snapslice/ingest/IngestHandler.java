package dev.snapslice.ingest;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.install.Installation;
import dev.snapslice.core.json.Json;
import dev.snapslice.runtime.AwsClients;
import dev.snapslice.runtime.Invocation;
import dev.snapslice.runtime.Priming;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.InstantSource;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** Records the facts of a batch of messages. */
public final class IngestHandler implements RequestStreamHandler {
  private final TimeIndex index;

  public IngestHandler() {
    Installation installation = Installation.from(System.getenv());
    AwsClients aws = new AwsClients();
    this.index =
        new TimeIndex(
            aws.client(DynamoDbClient::builder).get(),
            installation.indexTable(),
            InstantSource.system());
    Priming.register(() -> index.exists("priming"), () -> {});
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    Invocation.<Void, IOException>run(
        "batch",
        context,
        invocation -> {
          invocation.note("messages", Json.MAPPER.readTree(input).path("Records").size());
          index.exists("x");
          return null;
        });
  }
}
