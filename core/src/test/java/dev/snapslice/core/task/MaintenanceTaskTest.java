package dev.snapslice.core.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.snapslice.core.index.TabletRef;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.testing.Moto;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.sqs.SqsClient;

class MaintenanceTaskTest {
  @RegisterExtension static final Moto MOTO = new Moto();

  static List<MaintenanceTask> tasks() {
    return List.of(
        new MaintenanceTask.Maintain(new TabletRef("photos", "6a7067")),
        new MaintenanceTask.Enable("photos"),
        new MaintenanceTask.Disable("photos"),
        new MaintenanceTask.Backfill("photos"),
        new MaintenanceTask.Reconcile("photos", "2026/ä "),
        new MaintenanceTask.Restore("job-1"),
        new MaintenanceTask.Export("job-2"));
  }

  @ParameterizedTest
  @MethodSource("tasks")
  void every_task_survives_its_message(MaintenanceTask task) {
    assertThat(MaintenanceTask.parse(Json.write(task))).isEqualTo(task);
  }

  @Test
  void a_message_names_its_type() {
    assertThat(Json.write(new MaintenanceTask.Enable("photos")))
        .isEqualTo("{\"type\":\"Enable\",\"bucket\":\"photos\"}");
  }

  @Test
  void refuses_what_is_no_task() {
    assertThatThrownBy(() -> MaintenanceTask.parse("{\"type\":\"Destroy\"}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Destroy");
  }

  @Test
  void the_queue_delivers_what_was_sent() {
    SqsClient sqs = MOTO.client(SqsClient.builder());
    String url = sqs.createQueue(r -> r.queueName("tasks")).queueUrl();

    new TaskQueue(sqs, url).send(new MaintenanceTask.Disable("photos"));
    new TaskQueue(sqs, url).send(new MaintenanceTask.Backfill("photos"), Duration.ofDays(1));

    var messages = sqs.receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(10)).messages();
    assertThat(messages)
        .extracting(message -> MaintenanceTask.parse(message.body()))
        .containsExactly(new MaintenanceTask.Disable("photos"));
  }
}
