package dev.snapslice.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.local.lambda.InvocationException;
import dev.snapslice.local.lambda.LocalFunction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/**
 * An event source mapping from a queue to a function: batches as Lambda makes them, and only what
 * the function did not report as failed is deleted; the rest comes back after the queue's
 * visibility timeout. See <a
 * href="https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html">Handling
 * errors for an SQS event source</a>.
 */
final class QueuePump implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(QueuePump.class);
  private static final ObjectMapper json = new ObjectMapper();
  private static final int MOST_PER_CALL = 10;

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
      } catch (InvocationException e) {
        log.warn("{} failed: its batch comes back later: {}", source.function(), e.getMessage());
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

  private void deliver(List<Message> batch) throws InvocationException, IOException {
    ObjectNode event = json.createObjectNode();
    var records = event.putArray("Records");
    batch.forEach(message -> records.add(record(message)));
    Set<String> failed = failures(function.invoke(json.writeValueAsBytes(event)));
    List<Message> done =
        batch.stream().filter(message -> !failed.contains(message.messageId())).toList();
    for (int from = 0; from < done.size(); from += MOST_PER_CALL) {
      List<DeleteMessageBatchRequestEntry> entries =
          done.subList(from, Math.min(done.size(), from + MOST_PER_CALL)).stream()
              .map(message ->
                  DeleteMessageBatchRequestEntry.builder()
                      .id(message.messageId())
                      .receiptHandle(message.receiptHandle())
                      .build())
              .toList();
      sqs.deleteMessageBatch(request -> request.queueUrl(source.queueUrl()).entries(entries));
    }
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
