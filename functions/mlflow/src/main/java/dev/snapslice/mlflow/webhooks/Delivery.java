package dev.snapslice.mlflow.webhooks;

/**
 * A message of the queue: what is to be posted to one webhook.
 *
 * @param id by which a receiver knows what it has had
 */
record Delivery(String webhook, String id, String body) {}
