package dev.snapslice.mlflow;

import dev.snapslice.core.access.Role;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.mlflow.tracking.Experiment;
import dev.snapslice.mlflow.tracking.ExperimentRoutes;
import dev.snapslice.mlflow.tracking.Experiments;
import dev.snapslice.mlflow.tracking.RunRoutes;
import dev.snapslice.mlflow.tracking.Runs;
import dev.snapslice.mlflow.tracking.TrackingTable;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/** All operations of MLflow's REST API, and who may ask for them. Thread-safe. */
final class Mlflow {
  /** Whose API this is: clients ask for it, and some behave accordingly. */
  static final String VERSION = "3.17.2";

  private final Routes open = new Routes();
  private final Routes routes = new Routes();
  private final Experiments experiments;

  Mlflow(
      TrackingTable table, MlflowSettings settings, InstantSource clock, RandomGenerator random) {
    experiments = new Experiments(table, settings.artifactRoot(), clock, random);
    open.add("GET", "/health", call -> Reply.text("OK"));
    open.add("GET", "/version", call -> Reply.text(VERSION));
    new ExperimentRoutes(experiments).addTo(routes);
    new RunRoutes(experiments, new Runs(table, experiments, clock, random)).addTo(routes);
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
      return open.answer(call);
    }
    Role needed = call.reads() ? Role.READER : Role.WRITER;
    if (!call.caller().grant().role().includes(needed)) {
      throw new MlflowException(Code.PERMISSION_DENIED, "Permission denied");
    }
    return routes.answer(call);
  }
}
