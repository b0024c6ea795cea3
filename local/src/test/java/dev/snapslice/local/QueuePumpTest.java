package dev.snapslice.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import dev.snapslice.core.testing.Moto;
import dev.snapslice.local.lambda.FunctionSpec;
import dev.snapslice.local.lambda.LocalFunction;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

class QueuePumpTest {
  @RegisterExtension static final Moto MOTO = new Moto();

  @TempDir Path folder;
  private final SqsClient sqs = MOTO.client(SqsClient.builder());

  /** Reports every message that is {@code bad} as failed. */
  public static final class Picky
      implements RequestHandler<Map<String, List<Map<String, Object>>>, Map<String, Object>> {
    @Override
    public Map<String, Object> handleRequest(
        Map<String, List<Map<String, Object>>> event, Context context) {
      List<Map<String, Object>> failures =
          event.get("Records").stream()
              .filter(record -> record.get("body").equals("bad"))
              .map(record -> Map.of("itemIdentifier", record.get("messageId")))
              .toList();
      return Map.of("batchItemFailures", failures);
    }
  }

  @Test
  void what_the_function_reports_as_failed_comes_back_until_the_dead_letter_queue_takes_it()
      throws Exception {
    String dead = queue(Map.of());
    String policy =
        "{\"deadLetterTargetArn\": \"%s\", \"maxReceiveCount\": 2}".formatted(arn(dead));
    String url =
        queue(
            Map.of(
                QueueAttributeName.REDRIVE_POLICY,
                policy,
                QueueAttributeName.VISIBILITY_TIMEOUT,
                "360"));
    for (int i = 0; i < 25; i++) {
      String body = i == 13 ? "bad" : "good";
      sqs.sendMessage(request -> request.queueUrl(url).messageBody(body));
    }

    var source = new Deployment.QueueSource(arn(url), url, "picky", 100, 1);
    List<Message> failed;
    try (LocalFunction picky = picky()) {
      Thread pump = Thread.startVirtualThread(new QueuePump(sqs, source, picky));
      failed = await(dead);
      pump.interrupt();
      pump.join();
    }

    assertEquals(List.of("bad"), failed.stream().map(Message::body).toList());
    assertTrue(waiting(url).isEmpty());
  }

  private List<Message> await(String url) throws InterruptedException {
    var messages = new ArrayList<Message>();
    Instant end = Instant.now().plusSeconds(60);
    while (messages.isEmpty() && Instant.now().isBefore(end)) {
      Thread.sleep(100);
      messages.addAll(waiting(url));
    }
    return messages;
  }

  private List<Message> waiting(String url) {
    return sqs.receiveMessage(request -> request.queueUrl(url).maxNumberOfMessages(10)).messages();
  }

  private String queue(Map<QueueAttributeName, String> attributes) {
    return sqs.createQueue(
            request -> request.queueName("q-" + UUID.randomUUID()).attributes(attributes))
        .queueUrl();
  }

  private String arn(String url) {
    return sqs.getQueueAttributes(
            request -> request.queueUrl(url).attributeNames(QueueAttributeName.QUEUE_ARN))
        .attributes()
        .get(QueueAttributeName.QUEUE_ARN);
  }

  private LocalFunction picky() {
    Path classes = Path.of("target", "test-classes").toAbsolutePath();
    var spec =
        new FunctionSpec(
            "picky", classes, Picky.class.getName(), Map.of(), Duration.ofSeconds(30), 128);
    return new LocalFunction(spec, 1, folder.resolve("log"));
  }
}
