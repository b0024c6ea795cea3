package dev.snapslice.mlflow.cleanup;

import dev.snapslice.mlflow.datasets.Datasets;
import dev.snapslice.mlflow.datasets.Records;
import dev.snapslice.mlflow.models.LoggedModels;
import dev.snapslice.mlflow.scorers.Scorers;
import dev.snapslice.mlflow.table.Deadline;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.traces.TraceRemoval;
import dev.snapslice.mlflow.tracking.Experiments;
import dev.snapslice.mlflow.tracking.RunRemoval;
import dev.snapslice.mlflow.tracking.Runs;
import dev.snapslice.mlflow.tracking.Trash;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes for good what was deleted long ago: runs, logged models, and experiments with all that is
 * in them, as {@code mlflow gc} does, and what traces, scorers and datasets leave that were
 * deleted, such as files, or records where somebody died. Each of them is gone at once, and then
 * swept; what a sweep has left when it stopped, wherever that was, the next one takes, as {@link
 * Trash} lists it until it is done.
 */
public final class CleanUp {
  private static final Logger log = LoggerFactory.getLogger(CleanUp.class);

  private final Trash trash;
  private final Experiments experiments;
  private final Parts parts;
  private final Duration kept;
  private final InstantSource clock;

  /** Those who remove what there is. */
  public record Parts(
      RunRemoval runs,
      LoggedModels models,
      TraceRemoval traces,
      Scorers scorers,
      Records records,
      Consumer<String> artifacts) {

    /**
     * Over a table.
     *
     * @param artifacts deletes what a URI leads to
     */
    public static Parts of(
        TrackingTable table,
        Experiments experiments,
        Runs runs,
        Consumer<String> artifacts,
        InstantSource clock,
        RandomGenerator random) {
      return new Parts(
          new RunRemoval(table, experiments, runs, clock),
          new LoggedModels(table, clock, random),
          new TraceRemoval(table),
          new Scorers(table, clock, random),
          new Records(table, new Datasets(table, clock, random), clock),
          artifacts);
    }
  }

  /**
   * Cleans up a table.
   *
   * @param kept how long what is deleted can be restored
   */
  public CleanUp(
      Trash trash, Experiments experiments, Parts parts, Duration kept, InstantSource clock) {
    this.trash = trash;
    this.experiments = experiments;
    this.parts = parts;
    this.kept = kept;
    this.clock = clock;
  }

  /**
   * How far a clean-up came.
   *
   * @param failed what the next one tries again
   * @param inTime whether it came to the end
   */
  public record Done(int runs, int models, int experiments, int failed, boolean inTime) {
    private static final Done NOTHING = new Done(0, 0, 0, 0, true);

    private Done and(Trash.Kind kind) {
      return switch (kind) {
        case RUN -> new Done(runs + 1, models, experiments, failed, inTime);
        case MODEL -> new Done(runs, models + 1, experiments, failed, inTime);
        case EXPERIMENT -> new Done(runs, models, experiments + 1, failed, inTime);
        // They were gone when they were deleted.
        case TRACE, SCORER, DATASET -> this;
      };
    }

    private Done andFailed() {
      return new Done(runs, models, experiments, failed + 1, inTime);
    }

    private Done late() {
      return new Done(runs, models, experiments, failed, false);
    }
  }

  /** Removes what is due, the oldest first. */
  public Done run(Deadline deadline) {
    Done done = Done.NOTHING;
    Iterator<Trash.Row> due = trash.before(clock.instant().minus(kept).toEpochMilli()).iterator();
    while (due.hasNext()) {
      Trash.Row row = due.next();
      try {
        deadline.check();
        if (remove(row, deadline)) {
          done = done.and(row.kind());
        }
        trash.drop(row);
      } catch (Deadline.PassedException e) {
        return done.late();
      } catch (RuntimeException e) {
        // One that fails, such as by its artifacts, keeps no other from its end.
        log.warn("the deleted {} {} could not be removed", row.kind(), row.id(), e);
        done = done.andFailed();
      }
    }
    return done;
  }

  private boolean remove(Trash.Row row, Deadline deadline) {
    return switch (row.kind()) {
      case RUN -> parts.runs().remove(row, parts.artifacts(), deadline);
      case MODEL -> parts.models().remove(row, parts.artifacts(), deadline);
      case TRACE -> parts.traces().remove(row, parts.artifacts());
      case SCORER -> parts.scorers().remove(row, deadline);
      case DATASET -> parts.records().remove(row, deadline);
      case EXPERIMENT -> {
        boolean gone = experiments.remove(row);
        if (gone) {
          sweep(row, deadline);
        }
        yield gone;
      }
    };
  }

  private void sweep(Trash.Row row, Deadline deadline) {
    // Where a location is another experiment's as well, only what we know in it is ours to delete.
    boolean own = row.location().equals(experiments.folder(row.id()));
    Consumer<String> each = own ? uri -> {} : parts.artifacts();
    parts.runs().sweep(row, each, deadline);
    parts.models().sweep(row.id(), each, deadline);
    parts.traces().sweep(row, each, deadline);
    parts.scorers().sweep(row.id(), deadline);
    if (own) {
      parts.artifacts().accept(row.location());
    }
  }
}
