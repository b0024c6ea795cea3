package dev.snapslice.mlflow.tracking;

import static dev.snapslice.mlflow.table.TrackingTable.key;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.core.job.FanOut;
import dev.snapslice.mlflow.table.Deadline;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.RunPacks.Manifest;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;

/**
 * Removes runs for good. In one transaction a run loses its head, without which nobody sees it, and
 * is open, so that no search believes its pack; the packer takes it out of that and closes it. What
 * else there was of the run goes afterwards: it may stop anywhere, and begin again.
 */
public final class RunRemoval {
  private static final int AT_ONCE = 16;

  private final TrackingTable table;
  private final Experiments experiments;
  private final OpenRuns open;
  private final RunPacks packs;
  private final InstantSource clock;
  private final FanOut some = new FanOut(AT_ONCE);

  public RunRemoval(TrackingTable table, Experiments experiments, Runs runs, InstantSource clock) {
    this.table = table;
    this.experiments = experiments;
    this.open = runs.open();
    this.packs = new RunPacks(table);
    this.clock = clock;
  }

  /**
   * Removes a run that was deleted, if that still holds.
   *
   * @param artifacts deletes what a URI leads to
   */
  public boolean remove(Trash.Row row, Consumer<String> artifacts, Deadline deadline) {
    Map<String, AttributeValue> key = key(RunItems.partition(row.id()), RunItems.HEAD);
    Map<String, AttributeValue> head = table.get(key);
    while (!head.isEmpty()) {
      Optional<Experiment> experiment = experiments.read(row.experimentId());
      long turns = Long.parseLong(head.get("turns").n());
      if (!row.moment().equals(head.get(RunItems.DELETED))
          || experiment.filter(its -> !its.leavesToRun(turns)).isPresent()) {
        return false;
      }
      List<TransactWriteItem> parts = new ArrayList<>();
      parts.add(open.opening(row.experimentId(), row.id()));
      parts.add(
          table.deleting(
              key, Map.of("stage", fromS(Stage.DELETED.word()), RunItems.DELETED, row.moment())));
      experiment.ifPresent(its -> parts.add(experiments.unturned(its)));
      // If it fails, somebody has restored one or the other just now.
      head = table.write(parts) ? Map.of() : table.get(key);
    }
    sweep(row.id(), row.location(), artifacts, deadline);
    return true;
  }

  private void sweep(String runId, String location, Consumer<String> artifacts, Deadline deadline) {
    deadline.check();
    table.clear(RunItems.partition(runId), "", deadline);
    table.clear(Metrics.histories(runId), "", deadline);
    artifacts.accept(location);
  }

  /** Removes all runs of an experiment that is gone, pack by pack, and what it knew of datasets. */
  public void sweep(Trash.Row experiment, Consumer<String> artifacts, Deadline deadline) {
    String id = experiment.id();
    Manifest manifest = packs.manifest(id);
    while (!manifest.packs().isEmpty()) {
      String name = manifest.packs().keySet().iterator().next();
      List<String> runs =
          packs
              .read(name)
              .map(pack -> IntStream.range(0, pack.size()).mapToObj(pack::id).toList())
              .orElse(List.of());
      sweepAll(experiment, runs, artifacts, deadline);
      manifest = without(id, manifest, name);
    }
    manifest.replaced().keySet().forEach(packs::delete);
    List<OpenRuns.OpenRun> left = open.of(id);
    sweepAll(experiment, left.stream().map(OpenRuns.OpenRun::runId).toList(), artifacts, deadline);
    some.map(left, open::close);
    table.clear(Inputs.datasets(id), "", deadline);
    packs.forget(id);
  }

  private void sweepAll(
      Trash.Row experiment, List<String> runs, Consumer<String> artifacts, Deadline deadline) {
    some.map(
        runs,
        run -> {
          sweep(run, Uris.append(experiment.location(), run, "artifacts"), artifacts, deadline);
          return run;
        });
  }

  /** A manifest without a pack, whose runs are gone; as it is now, if somebody was faster. */
  private Manifest without(String experimentId, Manifest manifest, String pack) {
    Map<String, Long> listed = new HashMap<>(manifest.packs());
    listed.remove(pack);
    Map<String, Long> replaced = new HashMap<>(manifest.replaced());
    replaced.put(pack, clock.millis());
    packs.replace(experimentId, new Manifest(manifest.revision() + 1, listed, replaced));
    return packs.manifest(experimentId);
  }
}
