package dev.snapslice.mlflow;

import dev.snapslice.core.install.Lazy;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.webhooks.Announcements;
import dev.snapslice.mlflow.webhooks.Deliveries;
import dev.snapslice.mlflow.webhooks.Sender;
import dev.snapslice.mlflow.webhooks.WebhookRoutes;
import dev.snapslice.mlflow.webhooks.WebhookSecrets;
import dev.snapslice.mlflow.webhooks.Webhooks;
import dev.snapslice.runtime.AwsClients;
import java.time.InstantSource;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/** What webhooks consist of, over the services of AWS. */
record Telling(Announcements announcements, WebhookRoutes routes, Deliveries deliveries) {
  static Telling of(
      MlflowSettings settings, TrackingTable table, AwsClients aws, InstantSource clock) {
    Lazy<SqsClient> sqs = aws.client(SqsClient::builder);
    Webhooks webhooks = new Webhooks(table, clock);
    WebhookSecrets secrets =
        new WebhookSecrets(aws.client(KmsClient::builder), settings.webhooksKey());
    return new Telling(
        new Announcements(
            table,
            webhooks,
            text ->
                sqs.get().sendMessage(r -> r.queueUrl(settings.webhooksQueue()).messageBody(text)),
            clock),
        new WebhookRoutes(webhooks, secrets, settings.destination(), clock),
        new Deliveries(webhooks, new Sender(settings.destination(), secrets, clock)));
  }
}
