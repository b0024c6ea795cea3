package dev.snapslice.mlflow.traces;

import dev.snapslice.mlflow.table.Deadline;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.Trash;
import dev.snapslice.mlflow.tracking.Uris;
import java.util.function.Consumer;

/** Removes the traces of experiments that are gone. */
public final class TraceRemoval {
  private final Traces traces;

  public TraceRemoval(TrackingTable table) {
    this.traces = new Traces(table, new Spans(table));
  }

  /**
   * Removes all traces of an experiment; begun again it goes on.
   *
   * @param artifacts deletes what a URI leads to
   */
  public void sweep(Trash.Row experiment, Consumer<String> artifacts, Deadline deadline) {
    traces
        .of(experiment.id())
        .forEach(trace -> {
          deadline.check();
          artifacts.accept(Uris.append(experiment.location(), "traces", trace.id(), "artifacts"));
          traces.delete(experiment.id(), trace.id());
        });
  }
}
