package dev.snapslice.ingest;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.core.bucket.Amendments;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.bucket.IndexHealth;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.install.Installation;
import dev.snapslice.core.install.Lazy;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.task.TaskQueue;
import dev.snapslice.runtime.AwsClients;
import dev.snapslice.runtime.Invocation;
import dev.snapslice.runtime.Priming;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.lambda.powertools.metrics.model.MetricUnit;

/**
 * The Lambda function behind the events queue: records a batch of messages and answers which of
 * them have to come again. Those that are malformed do so until the queue moves them, alone, to the
 * dead-letter queue.
 *
 * <p>Powertools' batch processor hands messages over one by one. We need the batch whole, to write
 * the facts of one folder together, and so answer by ourselves.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html">Partial
 *     batch responses</a>
 */
public final class IngestHandler implements RequestStreamHandler {
  private static final String PRIMING =
      """
      {"Records":[{"eventName":"ObjectCreated:Put","eventTime":"2026-01-01T00:00:00.000Z",
      "s3":{"bucket":{"name":"snapslice.priming"},"object":{"key":"a+%2F","size":1,"eTag":"e",
      "versionId":"v","sequencer":"00"}}}]}\
      """;

  private final Recorder recorder;

  /** As Lambda starts it. */
  public IngestHandler() {
    this(recorder(Installation.from(System.getenv()), new AwsClients()));
    Priming.register(() -> prime(recorder));
  }

  /**
   * With a recorder of the caller's making: in tests and benchmarks, where Lambda starts nothing.
   */
  public IngestHandler(Recorder recorder) {
    this.recorder = recorder;
  }

  /** Reads all that a batch reads; the bucket is nobody's, so nothing is written. */
  static Set<String> prime(Recorder recorder) {
    Message message = new Message("priming", PRIMING);
    return recorder.record(List.of(message), () -> Duration.ofMinutes(1), new Tally());
  }

  private static Recorder recorder(Installation installation, AwsClients aws) {
    DynamoDbClient dynamo = aws.client(DynamoDbClient::builder).get();
    Lazy<SqsClient> sqs = aws.client(SqsClient::builder);
    InstantSource clock = InstantSource.system();
    return new Recorder(
        new TimeIndex(dynamo, installation.indexTable(), clock),
        new BucketCatalog(dynamo, installation.catalogTable(), clock),
        new Amendments(dynamo, installation.catalogTable()),
        () -> IndexHealth.shown(dynamo, installation.catalogTable()),
        task -> new TaskQueue(sqs.get(), installation.tasksQueueUrl()).send(task),
        clock);
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    Set<String> failed =
        Invocation.<Set<String>, IOException>run(
            "batch",
            context,
            invocation -> {
              List<Message> batch = messages(Json.MAPPER.readTree(input));
              Tally tally = new Tally();
              Set<String> again = recorder.record(batch, invocation::remaining, tally);
              invocation.note("messages", batch.size()).note("failed_messages", again.size());
              report(invocation, tally);
              return again;
            });
    answer(output, failed);
  }

  private static List<Message> messages(JsonNode event) {
    if (!event.path("Records").isArray()) {
      throw new IllegalArgumentException("the event is no batch of SQS messages");
    }
    List<Message> messages = new ArrayList<>();
    for (JsonNode record : event.path("Records")) {
      messages.add(new Message(record.path("messageId").textValue(), record.path("body").asText()));
    }
    return messages;
  }

  private static void report(Invocation invocation, Tally tally) {
    invocation.count("Events", tally.events());
    invocation.count("LateEvents", tally.lateEvents());
    invocation.count("FailedEvents", tally.failedEvents());
    invocation.count("IgnoredEvents", tally.ignoredEvents());
    invocation.count("UnregisteredEvents", tally.unregisteredEvents());
    invocation.count("MalformedMessages", tally.malformedMessages());
    if (tally.events() > 0) {
      measure(invocation, "LagMillis", tally.longestLag());
      measure(invocation, "LagMillisAverage", tally.averageLag());
    }
  }

  private static void measure(Invocation invocation, String metric, Duration lag) {
    invocation.measure(metric, (double) lag.toMillis(), MetricUnit.MILLISECONDS);
  }

  private static void answer(OutputStream output, Set<String> failed) throws IOException {
    try (JsonGenerator json = Json.MAPPER.createGenerator(output)) {
      json.writeStartObject();
      json.writeArrayFieldStart("batchItemFailures");
      for (String id : failed) {
        json.writeStartObject();
        json.writeStringField("itemIdentifier", id);
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }
}
