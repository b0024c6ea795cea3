package dev.snapslice.mlflow.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.mlflow.cleanup.CleanUp;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.table.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** What is deleted, restored and cleaned up, wherever a clean-up dies and whoever comes between. */
class CleanUpPropertyTest extends KillableRuns {
  private static final Duration KEPT = Duration.ofDays(30);

  private final Set<String> swept = new HashSet<>();
  private final CleanUp cleanUp =
      new CleanUp(
          new Trash(table),
          experiments,
          CleanUp.Parts.of(table, experiments, runs, this::deleteArtifacts, () -> now, random),
          KEPT,
          () -> now);

  /** What has to be so: since when each run is deleted, and the experiment. */
  private final Map<String, Instant> deleted = new HashMap<>();

  private Optional<Instant> experimentDeleted = Optional.empty();

  private void deleteArtifacts(String uri) {
    known.stream()
        .filter(uri::contains)
        .forEach(run -> {
          assertThat(runs.items(run)).as("the run whose artifacts are deleted").isEmpty();
          swept.add(run);
        });
    swept.add(uri);
  }

  private CleanUp.Done cleanUp() {
    return cleanUp.run(new Deadline(() -> now, now.plusSeconds(1)));
  }

  @Override
  void begin() {
    super.begin();
    deleted.clear();
    experimentDeleted = Optional.empty();
  }

  @Property(tries = 100, shrinking = ShrinkingMode.BOUNDED)
  void only_what_was_deleted_for_long_goes_and_then_all_of_it(
      @ForAll @Size(min = 8, max = 50) List<@IntRange(max = 9_999) Integer> steps) {
    live(steps);
  }

  /** A run was turned while the clean-up removed its experiment, and noted as open for ever. */
  @Example
  void steps_that_once_left_something_leave_nothing() {
    live(
        List.of(
            29, 7, 6604, 5752, 190, 1046, 715, 1268, 952, 4221, 44, 0, 443, 326, 181, 5, 30, 0, 204,
            39, 5522, 878, 18, 69, 265, 35, 7376, 318, 913, 565, 9438, 8));
  }

  private void live(List<Integer> steps) {
    begin();
    for (int step : steps) {
      int detail = step / 10;
      switch (step % 10) {
        case 0, 1 -> createOrLog(detail);
        case 2, 3 -> turn(detail);
        case 4 -> passTime(detail);
        case 5 -> packer.pack(Deadline.NONE);
        case 6 -> cleanUp();
        case 7 -> killable.killed(detail % 14, this::cleanUp);
        // Somebody deletes or restores, before any write of a clean-up.
        case 8 -> killable.interrupted(detail % 14, () -> turn(detail), this::cleanUp);
        // A clean-up, before any write of somebody who deletes or restores.
        default -> killable.interrupted(detail % 3, this::cleanUp, () -> turn(detail));
      }
      check();
    }

    now = now.plus(KEPT).plusSeconds(1);
    cleanUp();
    checkNothingIsLeft();
  }

  private void passTime(int detail) {
    now = now.plus(List.of(Duration.ofMinutes(3), Duration.ofDays(2), KEPT).get(detail % 3));
    now = now.plusMillis(1);
  }

  private boolean isThere() {
    return experiments.read(experiment).isPresent();
  }

  private void createOrLog(int detail) {
    now = now.plusMillis(1);
    if (!isThere() || experimentDeleted.isPresent()) {
      return;
    }
    if (known.isEmpty() || detail % 2 == 0) {
      Runs.Start start =
          new Runs.Start("me", detail, Optional.empty(), new TreeMap<>(Map.of("t", "ü")));
      known.add(runs.create(experiments.get(experiment), start).id());
      return;
    }
    String run = known.get(detail % known.size());
    if (!deleted.containsKey(run) && runs.items(run).isPresent()) {
      String value = "v".repeat(detail);
      runs.log(
          run, List.of(new Metric("m", detail, 1, detail)), Map.of("p" + detail, value), Map.of());
      if (detail % 3 == 0) {
        runs.update(run, Optional.of("FINISHED"), Optional.of(5L), Optional.empty());
      }
    }
  }

  /** Deletes or restores a run or the experiment; what is gone stays as it is known. */
  private void turn(int detail) {
    now = now.plusMillis(1);
    try {
      if (known.isEmpty() || detail % 5 == 0) {
        turnExperiment();
      } else {
        turnRun(known.get(detail % known.size()));
      }
    } catch (MlflowException e) {
      assertThat(e.getMessage()).containsAnyOf("not found", "exists");
    }
  }

  private void turnRun(String run) {
    if (deleted.containsKey(run)) {
      runs.turn(run, Stage.ACTIVE);
      deleted.remove(run);
    } else {
      runs.turn(run, Stage.DELETED);
      deleted.put(run, now);
    }
  }

  /** Takes all its runs along that are there. */
  private void turnExperiment() {
    if (experimentDeleted.isPresent()) {
      experiments.turn(experiment, Stage.ACTIVE);
      experimentDeleted = Optional.empty();
      there().forEach(deleted::remove);
    } else {
      experiments.turn(experiment, Stage.DELETED);
      experimentDeleted = Optional.of(now);
      there().forEach(run -> deleted.put(run, now));
    }
  }

  private List<String> there() {
    return known.stream().filter(run -> runs.items(run).isPresent()).toList();
  }

  private boolean isDue(Instant since) {
    return since.plus(KEPT).isBefore(now);
  }

  private void check() {
    boolean experimentIsDue = experimentDeleted.filter(this::isDue).isPresent();
    assertThat(isThere() || experimentIsDue).as("the experiment is there").isTrue();
    for (String run : known) {
      boolean due = deleted.containsKey(run) && isDue(deleted.get(run));
      assertThat(runs.items(run).isPresent() || due || experimentIsDue)
          .as("the run %s is there", run)
          .isTrue();
    }
    if (isThere()) {
      assertThat(found())
          .containsExactlyInAnyOrderElementsOf(there().stream().map(this::told).toList());
    }
  }

  private void checkNothingIsLeft() {
    assertThat(isThere()).isEqualTo(experimentDeleted.isEmpty());
    now = now.plus(RunPacker.ABANDONED);
    for (int i = 0; i < 4; i++) {
      now = now.plus(Duration.ofMinutes(3));
      packer.pack(Deadline.NONE);
    }
    if (isThere()) {
      check();
    }
    List<String> gone =
        known.stream().filter(run -> deleted.containsKey(run) || !isThere()).toList();
    var items =
        LocalDynamo.client().scanPaginator(r -> r.tableName(table.name())).items().stream()
            .toList();
    for (String run : gone) {
      assertThat(runs.items(run)).isEmpty();
      assertThat(items).noneMatch(item -> item.get("pk").s().endsWith(run));
      assertThat(items)
          .noneMatch(item -> item.get("sk").s().endsWith(run))
          .allMatch(item -> !item.containsKey("pack") || !packHas(item.get("pk").s(), run));
      assertThat(swept).containsAnyOf(run, "mlflow-artifacts:/" + experiment);
    }
  }

  private boolean packHas(String partition, String run) {
    return partition.startsWith("pack#")
        && new RunPacks(table)
            .read(partition.substring("pack#".length()))
            .filter(pack -> !pack.those(Set.of(run)).isEmpty())
            .isPresent();
  }

  @Test
  void a_clean_up_that_is_late_does_the_rest_the_next_time() {
    begin();
    for (int i = 0; i < 3; i++) {
      createOrLog(2);
      turnRun(known.getLast());
    }
    now = now.plus(KEPT).plusSeconds(1);

    CleanUp.Done late = cleanUp.run(new Deadline(() -> now, now));
    CleanUp.Done next = cleanUp();

    assertThat(late).isEqualTo(new CleanUp.Done(0, 0, 0, 0, false));
    assertThat(next).isEqualTo(new CleanUp.Done(3, 0, 0, 0, true));
    assertThat(cleanUp()).isEqualTo(new CleanUp.Done(0, 0, 0, 0, true));
  }

  @Test
  void a_name_is_free_again_when_its_experiment_is_gone() {
    String first = experiments.create("again", "", new TreeMap<>(), "somebody");
    experiments.turn(first, Stage.DELETED);
    now = now.plus(KEPT).plusSeconds(1);

    assertThat(cleanUp().experiments()).isEqualTo(1);

    assertThat(experiments.create("again", "", new TreeMap<>(), "somebody")).isNotEqualTo(first);
  }

  @Test
  void the_default_experiment_stays() {
    experiments.turn(Experiment.DEFAULT_ID, Stage.DELETED);
    now = now.plus(KEPT).plusSeconds(1);

    assertThat(cleanUp().experiments()).isZero();

    assertThat(experiments.get(Experiment.DEFAULT_ID).stage()).isEqualTo(Stage.DELETED);
  }
}
