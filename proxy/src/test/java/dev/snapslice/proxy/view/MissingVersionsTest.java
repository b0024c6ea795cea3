package dev.snapslice.proxy.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.task.MaintenanceTask;
import dev.snapslice.core.task.TaskQueue;
import dev.snapslice.core.version.ObjectKey;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;

class MissingVersionsTest {
  @Test
  void asks_once_to_compare_a_key_however_often_it_is_read() {
    Sent sent = new Sent();
    MissingVersions missing = new MissingVersions(() -> new TaskQueue(sent, "tasks"));

    missing.tell("films", new ObjectKey("a"));
    missing.tell("films", new ObjectKey("a"));
    missing.tell("films", new ObjectKey("b"));

    assertThat(sent.tasks)
        .containsExactly(
            new MaintenanceTask.Reconcile("films", "a"),
            new MaintenanceTask.Reconcile("films", "b"));
  }

  private static final class Sent implements SqsClient {
    private final List<MaintenanceTask> tasks = new ArrayList<>();

    @Override
    public SendMessageResponse sendMessage(SendMessageRequest request) {
      tasks.add(MaintenanceTask.parse(request.messageBody()));
      return SendMessageResponse.builder().build();
    }

    @Override
    public String serviceName() {
      return "sqs";
    }

    @Override
    public void close() {}
  }
}
