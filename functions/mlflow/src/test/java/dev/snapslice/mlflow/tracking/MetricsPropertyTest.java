package dev.snapslice.mlflow.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.mlflow.table.TrackingTable;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Random batches and folds that are killed, against a set in memory. */
class MetricsPropertyTest {
  private static final List<String> KEYS = List.of("a", "b/c", "ü");
  private static final double[] VALUES = {0, 1, -1.5, Double.NaN, Double.POSITIVE_INFINITY};

  private final KillableTable killable = new KillableTable();
  private final TrackingTable table = killable.table();
  private final Experiments experiments =
      new Experiments(table, "mlflow-artifacts:/", InstantSource.system(), new Random(1));
  private final Runs runs = new Runs(table, experiments, InstantSource.system(), new Random(1));
  private final Metrics metrics = new Metrics(table);
  private final Set<Metric> logged = new HashSet<>();

  @Property(tries = 60, shrinking = ShrinkingMode.BOUNDED)
  void metrics_are_what_was_logged_however_folds_end(
      @ForAll @Size(min = 1, max = 30) List<@IntRange(max = 999) Integer> steps) {
    logged.clear();
    String run =
        runs.create(
                experiments.get(Experiment.DEFAULT_ID),
                new Runs.Start("", 0, Optional.empty(), new TreeMap<>()))
            .id();
    RunItems before = items(run);
    for (int step : steps) {
      switch (step % 4) {
        case 0, 1 -> log(run, step);
        case 2 -> {
          before = items(run);
          fold(run, before, step);
        }
        // Somebody who has read it a while ago.
        default -> fold(run, before, step);
      }
      check(run);
    }
  }

  private RunItems items(String run) {
    return RunItems.of(run, table.partition(RunItems.partition(run)));
  }

  private void log(String run, int seed) {
    Random random = new Random(seed % 40);
    List<Metric> batch = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(5); i++) {
      batch.add(
          new Metric(
              KEYS.get(random.nextInt(KEYS.size())),
              VALUES[random.nextInt(VALUES.length)],
              random.nextInt(3),
              random.nextInt(3)));
    }
    runs.log(run, batch, Map.of(), Map.of());
    logged.addAll(batch);
  }

  private void fold(String run, RunItems read, int seed) {
    killable.killed(seed % 12, () -> metrics.fold(run, read));
  }

  private void check(String run) {
    Map<String, Metric> latest = new TreeMap<>();
    logged.forEach(metric -> latest.merge(metric.key(), metric, Metric::latest));
    Map<String, Metric> told = runs.get(run).metrics();
    assertThat(told.keySet()).isEqualTo(latest.keySet());
    told.forEach(
        (key, metric) -> assertThat(Metric.RECENCY.compare(metric, latest.get(key))).isZero());
    for (String key : KEYS) {
      assertThat(runs.history(run, key))
          .containsExactlyInAnyOrderElementsOf(
              logged.stream().filter(metric -> metric.key().equals(key)).toList());
    }
  }
}
