package dev.snapslice.mlflow;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.snapslice.mlflow.artifacts.Artifacts;
import dev.snapslice.mlflow.cleanup.CleanUp;
import dev.snapslice.mlflow.table.Deadline;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.Experiments;
import dev.snapslice.mlflow.tracking.RunPacker;
import dev.snapslice.mlflow.tracking.Runs;
import dev.snapslice.mlflow.tracking.Trash;
import dev.snapslice.mlflow.webhooks.Announcements;
import dev.snapslice.runtime.AwsClients;
import dev.snapslice.runtime.Invocation;
import dev.snapslice.runtime.Priming;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * The Lambda function that EventBridge invokes every few minutes; what the event says is no matter.
 * It packs runs that have ended, removes for good what was deleted long ago, and tells webhooks
 * what somebody did not who died.
 */
public final class MaintenanceHandler implements RequestStreamHandler {
  /** For what was begun when time was over. */
  private static final Duration RESERVE = Duration.ofMinutes(1);

  private final InstantSource clock = InstantSource.system();
  private final RunPacker packer;
  private final Announcements announcements;
  private final Optional<CleanUp> cleanUp;

  /** As Lambda starts it. */
  public MaintenanceHandler() {
    MlflowSettings settings = MlflowSettings.from(System.getenv());
    AwsClients aws = new AwsClients();
    DynamoDbClient dynamo = aws.client(DynamoDbClient::builder).get();
    TrackingTable table = new TrackingTable(dynamo, settings.trackingTable());
    SecureRandom random = new SecureRandom();
    Experiments experiments = new Experiments(table, settings.artifactRoot(), clock, random);
    Runs runs = new Runs(table, experiments, clock, random);
    Artifacts artifacts = Mlflow.artifacts(settings, aws);
    this.packer = new RunPacker(table, experiments, runs, clock);
    this.announcements = Telling.of(settings, table, aws, clock).announcements();
    CleanUp.Parts parts =
        CleanUp.Parts.of(table, experiments, runs, artifacts::delete, clock, random);
    this.cleanUp =
        settings.kept().map(kept -> new CleanUp(new Trash(table), experiments, parts, kept, clock));
    Priming.register(() -> experiments.get("0"));
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context) {
    Invocation.<Void, RuntimeException>run(
        "maintenance",
        context,
        invocation -> {
          invocation.count("LateAnnouncements", announcements.sweep());
          try {
            invocation.note("packed", packer.pack(within(invocation.remaining().dividedBy(2))));
          } finally {
            cleanUp.ifPresent(its -> report(its.run(deadline(invocation)), invocation));
          }
          return null;
        });
  }

  private Deadline deadline(Invocation invocation) {
    return within(invocation.remaining().minus(RESERVE));
  }

  private Deadline within(Duration time) {
    return new Deadline(clock, clock.instant().plus(time));
  }

  private static void report(CleanUp.Done done, Invocation invocation) {
    invocation.count("RemovedRuns", done.runs());
    invocation.count("RemovedModels", done.models());
    invocation.count("RemovedExperiments", done.experiments());
    invocation.count("FailedRemovals", done.failed());
    if (!done.inTime()) {
      invocation.note("cleanUp", "goes on the next time");
    }
  }
}
