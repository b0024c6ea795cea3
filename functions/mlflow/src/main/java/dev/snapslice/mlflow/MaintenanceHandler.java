package dev.snapslice.mlflow;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.Experiments;
import dev.snapslice.mlflow.tracking.RunPacker;
import dev.snapslice.mlflow.tracking.Runs;
import dev.snapslice.mlflow.webhooks.Announcements;
import dev.snapslice.runtime.AwsClients;
import dev.snapslice.runtime.Invocation;
import dev.snapslice.runtime.Priming;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.time.InstantSource;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * The Lambda function that EventBridge invokes every few minutes; what the event says is no matter.
 * It packs runs that have ended, and tells webhooks what somebody did not who died.
 */
public final class MaintenanceHandler implements RequestStreamHandler {
  private final RunPacker packer;
  private final Announcements announcements;

  /** As Lambda starts it. */
  public MaintenanceHandler() {
    MlflowSettings settings = MlflowSettings.from(System.getenv());
    AwsClients aws = new AwsClients();
    DynamoDbClient dynamo = aws.client(DynamoDbClient::builder).get();
    TrackingTable table = new TrackingTable(dynamo, settings.trackingTable());
    InstantSource clock = InstantSource.system();
    SecureRandom random = new SecureRandom();
    Experiments experiments = new Experiments(table, settings.artifactRoot(), clock, random);
    Runs runs = new Runs(table, experiments, clock, random);
    this.packer = new RunPacker(table, experiments, runs, clock);
    this.announcements = Telling.of(settings, table, aws, clock).announcements();
    Priming.register(() -> experiments.get("0"));
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context) {
    Invocation.<Void, RuntimeException>run(
        "maintenance",
        context,
        invocation -> {
          invocation.count("LateAnnouncements", announcements.sweep());
          invocation.note("packed", packer.pack());
          return null;
        });
  }
}
