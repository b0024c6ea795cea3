package dev.snapslice.mlflow.traces;

import dev.snapslice.mlflow.table.Deadline;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.Trash;
import java.util.function.Consumer;

/** Removes the traces of experiments that are gone, and what deleted ones have left. */
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
          artifacts.accept(Trace.folder(experiment.location(), trace.id()));
          traces.remove(trace);
        });
  }

  /**
   * Removes the files of a trace that was deleted, and the spans that a killed deletion left.
   *
   * @param artifacts deletes what a URI leads to
   */
  public boolean remove(Trash.Row row, Consumer<String> artifacts) {
    boolean gone = traces.end(row.id());
    if (gone) {
      artifacts.accept(row.location());
    }
    return gone;
  }
}
