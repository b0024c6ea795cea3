package dev.snapslice.mlflow.registry;

import dev.snapslice.mlflow.artifacts.Artifacts;
import dev.snapslice.mlflow.models.LoggedModels;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.Runs;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/** All operations of the model registry. Thread-safe. */
public final class Registry {
  private final ModelRoutes models;
  private final VersionRoutes versions;

  /**
   * The registry of a table.
   *
   * @param logged of which versions may be made
   * @param artifacts of those
   */
  public Registry(
      TrackingTable table,
      Runs runs,
      LoggedModels logged,
      Artifacts artifacts,
      InstantSource clock,
      RandomGenerator random) {
    RegisteredModels all = new RegisteredModels(table, clock, random);
    ModelVersions theirs = new ModelVersions(table, all, clock);
    Transitions transitions = new Transitions(table, all, theirs, clock);
    this.models = new ModelRoutes(all, theirs, transitions);
    this.versions =
        new VersionRoutes(
            theirs,
            transitions,
            new VersionSearch(all, theirs),
            new Sources(all, theirs, runs, logged),
            logged,
            artifacts);
  }

  /** Adds them all. */
  public void addTo(Routes routes) {
    models.addTo(routes);
    versions.addTo(routes);
  }
}
