package dev.snapslice.api;

import software.amazon.awssdk.services.sqs.SqsClient;

/** The queue that ingest reads. Thread-safe. */
final class EventsQueue {
  private final SqsClient sqs;
  private final String url;

  EventsQueue(SqsClient sqs, String url) {
    this.sqs = sqs;
    this.url = url;
  }

  /** Puts a message on the queue; durable on return. */
  void send(String body) {
    sqs.sendMessage(r -> r.queueUrl(url).messageBody(body));
  }
}
