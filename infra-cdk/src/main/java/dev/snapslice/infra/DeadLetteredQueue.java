package dev.snapslice.infra;

import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.sqs.DeadLetterQueue;
import software.amazon.awscdk.services.sqs.Queue;
import software.amazon.awscdk.services.sqs.QueueEncryption;
import software.constructs.Construct;

/**
 * A queue for a function, and the queue that takes what the function failed on five times, from
 * where {@code ./snapslice redrive} brings it back. Both keep messages as long as SQS can, take
 * nothing without TLS, and are encrypted by SQS itself: S3 cannot send to a queue under a key that
 * AWS manages.
 */
final class DeadLetteredQueue extends Construct {
  private static final int MOST_RECEIVES = 5;

  private final Queue queue;
  private final Queue deadLetters;

  DeadLetteredQueue(Construct scope, String id, Duration consumerTimeout) {
    super(scope, id);
    deadLetters = queue("DeadLetters").build();
    // Six times the timeout of its function, as Lambda advises.
    // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    queue =
        queue("Queue")
            .visibilityTimeout(Duration.seconds(6 * consumerTimeout.toSeconds().longValue()))
            .deadLetterQueue(
                DeadLetterQueue.builder().queue(deadLetters).maxReceiveCount(MOST_RECEIVES).build())
            .build();
  }

  private Queue.Builder queue(String id) {
    return Queue.Builder.create(this, id)
        .encryption(QueueEncryption.SQS_MANAGED)
        .enforceSsl(true)
        .retentionPeriod(Duration.days(14));
  }

  Queue queue() {
    return queue;
  }

  Queue deadLetters() {
    return deadLetters;
  }
}
