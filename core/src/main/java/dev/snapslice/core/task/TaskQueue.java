package dev.snapslice.core.task;

import dev.snapslice.core.json.Json;
import java.time.Duration;
import software.amazon.awssdk.services.sqs.SqsClient;

/** The queue that feeds the maintenance function. Thread-safe. */
public final class TaskQueue {
  /** SQS holds a message back for 15 minutes at most. */
  public static final Duration MAX_DELAY = Duration.ofMinutes(15);

  private final SqsClient sqs;
  private final String queueUrl;

  public TaskQueue(SqsClient sqs, String queueUrl) {
    this.sqs = sqs;
    this.queueUrl = queueUrl;
  }

  /** Asks for a task as soon as a worker is free. */
  public void send(MaintenanceTask task) {
    send(task, Duration.ZERO);
  }

  /** Asks for a task after a delay, which is cut to {@link #MAX_DELAY}; durable on return. */
  public void send(MaintenanceTask task, Duration delay) {
    Duration cut = delay.compareTo(MAX_DELAY) > 0 ? MAX_DELAY : delay;
    sqs.sendMessage(r ->
        r.queueUrl(queueUrl)
            .messageBody(Json.write(task))
            .delaySeconds((int) Math.max(0, cut.toSeconds())));
  }
}
