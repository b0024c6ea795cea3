package dev.snapslice.mlflow;

import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.mlflow.registry.Registry;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.Experiment;
import dev.snapslice.mlflow.tracking.ExperimentRoutes;
import dev.snapslice.mlflow.tracking.Experiments;
import dev.snapslice.mlflow.tracking.MetricRoutes;
import dev.snapslice.mlflow.tracking.RunRoutes;
import dev.snapslice.mlflow.tracking.Runs;
import dev.snapslice.runtime.AwsClients;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** All operations of MLflow's REST API, and who may ask for them. Thread-safe. */
final class Mlflow {
  /** Whose API this is: clients ask for it, and some behave accordingly. */
  static final String VERSION = "3.17.2";

  private final Routes open = new Routes();
  private final Routes routes = new Routes();
  private final Experiments experiments;

  /** Over the services of AWS. */
  static Mlflow of(MlflowSettings settings, AwsClients aws) {
    DynamoDbClient dynamo = aws.client(DynamoDbClient::builder).get();
    return new Mlflow(
        new TrackingTable(dynamo, settings.trackingTable()),
        settings.artifactRoot(),
        InstantSource.system(),
        new SecureRandom());
  }

  Mlflow(TrackingTable table, String artifactRoot, InstantSource clock, RandomGenerator random) {
    experiments = new Experiments(table, artifactRoot, clock, random);
    open.add("GET", "/health", call -> Reply.text("OK"));
    open.add("GET", "/version", call -> Reply.text(VERSION));
    new ExperimentRoutes(experiments).addTo(routes);
    Runs runs = new Runs(table, experiments, clock, random);
    new RunRoutes(experiments, runs).addTo(routes);
    new MetricRoutes(runs).addTo(routes);
    new Registry(table, runs, id -> Optional.empty(), clock, random).addTo(routes);
  }

  /** Loads what the first request would. */
  void prime() {
    experiments.get(Experiment.DEFAULT_ID);
  }

  /**
   * Answers a request.
   *
   * @throws MlflowException if it is refused
   */
  Reply answer(Call call) {
    if (call.path().equals("/health") || call.path().equals("/version")) {
      return open.find(call).answer();
    }
    Routes.Found found = routes.find(call);
    Role needed = found.route().reads() ? Role.READER : Role.WRITER;
    Grant grant = call.caller().grant();
    if (!grant.role().includes(needed) || !grant.isEverywhere()) {
      throw new MlflowException(
          Code.PERMISSION_DENIED,
          "Permission denied: that takes the role %s, not limited to buckets, keys or moments"
              .formatted(needed.name().toLowerCase(Locale.ROOT)));
    }
    return found.answer();
  }
}
