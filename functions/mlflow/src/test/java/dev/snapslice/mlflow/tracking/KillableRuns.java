package dev.snapslice.mlflow.tracking;

import dev.snapslice.mlflow.table.TrackingTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/** Runs of an experiment whose client may die, at a time that a test sets. */
abstract class KillableRuns {
  Instant now = Instant.parse("2026-11-26T10:00:00Z");
  final KillableTable killable = new KillableTable();
  final TrackingTable table = killable.table();
  final Random random = new Random(1);
  final Experiments experiments = new Experiments(table, "mlflow-artifacts:/", () -> now, random);
  final Runs runs = new Runs(table, experiments, () -> now, random);
  final RunPacker packer = new RunPacker(table, experiments, runs, () -> now);
  final List<String> known = new ArrayList<>();
  String experiment;

  /** Goes on with an experiment that has no runs yet. */
  void begin() {
    known.clear();
    experiment = experiments.create("e" + random.nextLong(), "", new TreeMap<>(), "somebody");
  }

  /** All runs that are found in the experiment. */
  List<SearchedRun> search() {
    return runs.search(
        List.of(experiments.get(experiment)), run -> true, RunSearch.order(List.of()));
  }

  /** What is told of each. */
  List<String> found() {
    return search().stream().map(run -> run.whole().json().toString()).toList();
  }

  String told(String run) {
    return runs.get(run).json().toString();
  }
}
