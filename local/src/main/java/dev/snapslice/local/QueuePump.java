package dev.snapslice.local;

import static java.util.stream.Collectors.partitioningBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.local.lambda.InvocationException;
import dev.snapslice.local.lambda.LocalFunction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/**
 * An event source mapping from a queue to a function: batches as Lambda makes them, and only what
 * the function did not report as failed is deleted; the rest comes back, and after as many times as
 * the queue says it goes to the dead-letter queue. See <a
 * href="https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html">Handling
 * errors for an SQS event source</a>.
 */
final class QueuePump implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(QueuePump.class);
  private static final ObjectMapper json = new ObjectMapper();
  private static final int MOST_PER_CALL = 10;

  /** In AWS what failed comes back after the queue's visibility timeout; here somebody waits. */
  private static final int RETRY_SECONDS = 3;

  private final SqsClient sqs;
  private final Deployment.QueueSource source;
  private final LocalFunction function;

  QueuePump(SqsClient sqs, Deployment.QueueSource source, LocalFunction function) {
    this.sqs = sqs;
    this.source = source;
    this.function = function;
  }

  /** Moves batches until the thread is interrupted. */
  @Override
  public void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        List<Message> batch = receive();
        if (!batch.isEmpty()) {
          deliver(batch);
        }
      } catch (SdkException | IOException e) {
        if (!Thread.currentThread().isInterrupted()) {
          log.warn("queue {}: {}", source.queueUrl(), e.getMessage());
          pause();
        }
      }
    }
  }

  private List<Message> receive() {
    var batch = new ArrayList<Message>();
    long end = System.nanoTime() + source.windowSeconds() * 1_000_000_000L;
    do {
      int room = Math.min(MOST_PER_CALL, source.batchSize() - batch.size());
      // The first message may be long in coming; once there is one the batching window runs.
      int patience = batch.isEmpty() ? 10 : 0;
      List<Message> received =
          sqs.receiveMessage(request ->
                  request
                      .queueUrl(source.queueUrl())
                      .maxNumberOfMessages(room)
                      .waitTimeSeconds(patience)
                      .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                      .messageAttributeNames("All"))
              .messages();
      batch.addAll(received);
      if (received.isEmpty()) {
        break;
      }
    } while (batch.size() < source.batchSize() && System.nanoTime() < end);
    return batch;
  }

  private void deliver(List<Message> batch) throws IOException {
    ObjectNode event = json.createObjectNode();
    var records = event.putArray("Records");
    batch.forEach(message -> records.add(record(message)));
    Predicate<Message> failed;
    try {
      Set<String> failures = failures(function.invoke(json.writeValueAsBytes(event)));
      failed = message -> failures.contains(message.messageId());
    } catch (InvocationException e) {
      log.warn("{} failed: its batch comes back later: {}", source.function(), e.getMessage());
      failed = message -> true;
    }
    Map<Boolean, List<Message>> outcome = batch.stream().collect(partitioningBy(failed));
    inCalls(outcome.get(false), this::delete);
    inCalls(outcome.get(true), this::retry);
  }

  private static void inCalls(List<Message> messages, Consumer<List<Message>> call) {
    for (int from = 0; from < messages.size(); from += MOST_PER_CALL) {
      call.accept(messages.subList(from, Math.min(messages.size(), from + MOST_PER_CALL)));
    }
  }

  private void delete(List<Message> messages) {
    List<DeleteMessageBatchRequestEntry> entries =
        messages.stream()
            .map(message ->
                DeleteMessageBatchRequestEntry.builder()
                    .id(message.messageId())
                    .receiptHandle(message.receiptHandle())
                    .build())
            .toList();
    sqs.deleteMessageBatch(request -> request.queueUrl(source.queueUrl()).entries(entries));
  }

  private void retry(List<Message> messages) {
    List<ChangeMessageVisibilityBatchRequestEntry> entries =
        messages.stream()
            .map(message ->
                ChangeMessageVisibilityBatchRequestEntry.builder()
                    .id(message.messageId())
                    .receiptHandle(message.receiptHandle())
                    .visibilityTimeout(RETRY_SECONDS)
                    .build())
            .toList();
    sqs.changeMessageVisibilityBatch(
        request -> request.queueUrl(source.queueUrl()).entries(entries));
  }

  /** See https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html for the form of a record. */
  private ObjectNode record(Message message) {
    ObjectNode record = json.createObjectNode();
    record.put("messageId", message.messageId());
    record.put("receiptHandle", message.receiptHandle());
    record.put("body", message.body());
    ObjectNode attributes = record.putObject("attributes");
    message.attributesAsStrings().forEach(attributes::put);
    ObjectNode custom = record.putObject("messageAttributes");
    message
        .messageAttributes()
        .forEach((name, value) ->
            custom
                .putObject(name)
                .put("stringValue", value.stringValue())
                .put("dataType", value.dataType()));
    record.put("md5OfBody", message.md5OfBody());
    record.put("eventSource", "aws:sqs");
    record.put("eventSourceARN", source.queueArn());
    record.put("awsRegion", source.queueArn().split(":", -1)[3]);
    return record;
  }

  private static Set<String> failures(byte[] answer) throws IOException {
    var failed = new HashSet<String>();
    for (JsonNode failure : json.readTree(answer).path("batchItemFailures")) {
      failed.add(failure.path("itemIdentifier").asText());
    }
    return failed;
  }

  private static void pause() {
    try {
      Thread.sleep(1_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
