package dev.snapslice.mlflow;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.install.Lazy;
import dev.snapslice.core.job.FanOut;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.webhooks.Deliveries;
import dev.snapslice.mlflow.webhooks.Deliveries.Again;
import dev.snapslice.mlflow.webhooks.Deliveries.Done;
import dev.snapslice.mlflow.webhooks.Deliveries.Outcome;
import dev.snapslice.runtime.AwsClients;
import dev.snapslice.runtime.Invocation;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * The Lambda function behind the queue of what webhooks are told: posts a batch at once, and
 * answers which messages have to come again. Those wait longer each time, and are dead letters in
 * the end.
 */
public final class WebhookHandler implements RequestStreamHandler {
  private static final Logger log = LoggerFactory.getLogger(WebhookHandler.class);
  private static final int AT_ONCE = 10;

  private final Deliveries deliveries;
  private final Lazy<SqsClient> sqs;
  private final String queueUrl;
  private final FanOut posts = new FanOut(AT_ONCE);

  /** As Lambda starts it. */
  public WebhookHandler() {
    MlflowSettings settings = MlflowSettings.from(System.getenv());
    AwsClients aws = new AwsClients();
    DynamoDbClient dynamo = aws.client(DynamoDbClient::builder).get();
    TrackingTable table = new TrackingTable(dynamo, settings.trackingTable());
    this.deliveries = Telling.of(settings, table, aws, InstantSource.system()).deliveries();
    this.sqs = aws.client(SqsClient::builder);
    this.queueUrl = settings.webhooksQueue();
  }

  private record Told(JsonNode message, Outcome outcome) {}

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    ObjectNode answer =
        Invocation.<ObjectNode, IOException>run(
            "deliveries",
            context,
            invocation -> {
              List<JsonNode> messages = new ArrayList<>();
              Json.MAPPER.readTree(input).path("Records").forEach(messages::add);
              return answer(posts.map(messages, this::deliver), invocation);
            });
    Json.MAPPER.writeValue(output, answer);
  }

  private Told deliver(JsonNode message) {
    int attempt = message.path("attributes").path("ApproximateReceiveCount").asInt(1);
    return new Told(message, deliveries.deliver(message.path("body").asText(), attempt));
  }

  private ObjectNode answer(List<Told> all, Invocation invocation) {
    ObjectNode answer = Json.MAPPER.createObjectNode();
    answer.putArray("batchItemFailures");
    int delivered = 0;
    int refused = 0;
    for (Told told : all) {
      switch (told.outcome()) {
        case Done(boolean done) when done -> delivered++;
        case Done _ -> refused++;
        case Again(var after) -> {
          putOff(told.message(), after);
          answer
              .withArray("/batchItemFailures")
              .addObject()
              .put("itemIdentifier", told.message().path("messageId").asText());
        }
      }
    }
    invocation.note("messages", all.size());
    invocation.count("Deliveries", delivered);
    invocation.count("RefusedDeliveries", refused);
    return answer;
  }

  private void putOff(JsonNode message, Duration wait) {
    try {
      sqs.get()
          .changeMessageVisibility(r ->
              r.queueUrl(queueUrl)
                  .receiptHandle(message.path("receiptHandle").asText())
                  .visibilityTimeout((int) wait.toSeconds()));
    } catch (SdkException e) {
      log.warn("a message comes again when the queue says so", e);
    }
  }
}
