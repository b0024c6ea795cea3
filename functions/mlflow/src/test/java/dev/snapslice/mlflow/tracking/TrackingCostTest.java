package dev.snapslice.mlflow.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.testing.ConsumedCapacity;
import dev.snapslice.core.testing.ConsumedCapacity.Total;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.testing.ObservedDynamo;
import dev.snapslice.mlflow.table.Deadline;
import dev.snapslice.mlflow.table.TrackingTable;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What calls cost, as {@code docs/mlflow.md} and {@code docs/scaling.md} tell it. */
class TrackingCostTest {
  private static final int RUNS = 500;
  private static final int BATCHES = 640;

  private final ConsumedCapacity consumed = new ConsumedCapacity();
  private final TrackingTable table =
      new TrackingTable(
          new ObservedDynamo(LocalDynamo.client(), consumed), LocalDynamo.newCatalogTable());
  private final Random random = new Random(1);
  private Instant now = Instant.parse("2026-11-26T10:00:00Z");
  private final Experiments experiments =
      new Experiments(table, "mlflow-artifacts:/", () -> now, random);
  private final Runs runs = new Runs(table, experiments, () -> now, random);
  private Experiment experiment;

  @BeforeEach
  void an_experiment_that_was_read_just_now() {
    experiment = experiments.recent(experiments.create("costs", "", new TreeMap<>(), "somebody"));
  }

  private Total cost(Runnable work) {
    Total before = consumed.total();
    work.run();
    return consumed.total().minus(before);
  }

  private String run() {
    return runs.create(experiment, new Runs.Start("me", 1, Optional.of("r"), new TreeMap<>())).id();
  }

  private static List<Metric> metrics(int step) {
    return IntStream.range(0, 10).mapToObj(i -> new Metric("metric-" + i, i, 1, step)).toList();
  }

  private static Map<String, String> params() {
    return IntStream.range(0, 10).boxed().collect(Collectors.toMap(i -> "param-" + i, i -> "1"));
  }

  @Test
  void a_new_run_is_two_writes_in_one_request() {
    assertThat(cost(this::run)).isEqualTo(new Total(0, 2, 1));
  }

  @Test
  void a_batch_of_metrics_is_one_read_and_one_write() {
    String run = run();

    assertThat(cost(() -> runs.log(run, metrics(0), Map.of(), Map.of())))
        .isEqualTo(new Total(1, 1, 2));
  }

  @Test
  void a_batch_with_parameters_is_two_writes_where_the_run_is_known() {
    String run = run();
    Runs elsewhere = new Runs(table, experiments, () -> now, random);

    assertThat(cost(() -> runs.log(run, metrics(0), params(), Map.of("a", "b"))))
        .isEqualTo(new Total(0, 2, 2));
    assertThat(cost(() -> elsewhere.log(run, metrics(0), params(), Map.of("a", "b"))))
        .isEqualTo(new Total(1, 2, 3));
    assertThat(cost(() -> elsewhere.log(run, metrics(1), params(), Map.of("a", "c"))))
        .isEqualTo(new Total(0, 2, 2));
  }

  @Test
  void a_long_run_is_little_more_for_its_folds() {
    String run = run();

    Total total =
        cost(() ->
            IntStream.range(0, BATCHES)
                .forEach(step -> runs.log(run, metrics(step), Map.of(), Map.of())));

    assertThat(total.writes() / BATCHES).isLessThan(2.5);
    assertThat(total.reads() / BATCHES).isLessThan(1.5);
  }

  @Test
  void a_run_is_one_read_and_its_end_two_and_a_write() {
    String run = run();
    runs.log(run, metrics(0), params(), Map.of());

    assertThat(cost(() -> runs.get(run))).isEqualTo(new Total(1, 0, 1));
    assertThat(
            cost(
                () -> runs.update(run, Optional.of("FINISHED"), Optional.of(2L), Optional.empty())))
        .isEqualTo(new Total(2, 1, 3));
  }

  @Test
  void a_search_reads_packs_and_not_the_runs_in_them() {
    for (int i = 0; i < RUNS; i++) {
      String run = run();
      runs.log(run, metrics(0), params(), Map.of());
      runs.update(run, Optional.of("FINISHED"), Optional.of(2L), Optional.empty());
    }
    now = now.plus(Duration.ofHours(1));
    assertThat(new RunPacker(table, experiments, runs, () -> now).pack(Deadline.NONE))
        .isEqualTo(RUNS);
    Comparator<SearchedRun> order = RunSearch.order(List.of());
    Runs cold = new Runs(table, experiments, () -> now, random);

    Total first = cost(() -> cold.search(List.of(experiment), run -> true, order));
    Total again = cost(() -> cold.search(List.of(experiment), run -> true, order));

    assertThat(first.reads()).isLessThan(RUNS / 20.0);
    assertThat(again.reads()).isLessThanOrEqualTo(2);
    assertThat(again.requests()).isEqualTo(2);
  }
}
