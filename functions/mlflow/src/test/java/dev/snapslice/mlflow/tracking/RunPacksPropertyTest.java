package dev.snapslice.mlflow.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.snapslice.core.testing.ObservedDynamo;
import dev.snapslice.mlflow.table.Deadline;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.OpenRuns.OpenRun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** What searches tell, against reading each run: whatever is packed, killed and changed between. */
class RunPacksPropertyTest extends KillableRuns {
  /** As long as a request may take. */
  private static final Duration REQUEST = Duration.ofSeconds(29);

  private final Map<String, Instant> moments = new HashMap<>();

  @Property(tries = 80, shrinking = ShrinkingMode.BOUNDED)
  void a_search_finds_every_run_as_it_is_with_the_moment_that_it_began_with(
      @ForAll @Size(min = 5, max = 40) List<@IntRange(max = 9_999) Integer> steps) {
    begin();
    for (int step : steps) {
      int detail = step / 10;
      switch (step % 10) {
        case 0, 1, 2, 3 -> change(detail);
        case 4, 5 -> passTime(detail);
        case 6 -> packer.pack(Deadline.NONE);
        case 7 -> killable.killed(detail % 12, () -> packer.pack(Deadline.NONE));
        // Somebody who changes a run is slow, and it is packed in between.
        case 8 ->
            killable.interrupted(
                detail % 3,
                () -> {
                  now = now.plus(REQUEST);
                  packer.pack(Deadline.NONE);
                },
                () -> change(detail));
        default ->
            killable.interrupted(
                detail % 12, () -> change(detail), () -> packer.pack(Deadline.NONE));
      }
      check();
    }
  }

  private void passTime(int detail) {
    now = now.plus(List.of(REQUEST, Duration.ofMinutes(3), Duration.ofDays(2)).get(detail % 3));
  }

  private void change(int detail) {
    if (known.isEmpty() || detail % 4 == 0) {
      if (experiments.get(experiment).stage() == Stage.ACTIVE) {
        Instant moment = detail % 3 == 0 ? now.minusSeconds(detail) : now;
        TreeMap<String, String> tags = new TreeMap<>(Map.of("t", "ü"));
        if (!moment.equals(now)) {
          tags.put(RunMoment.TAG, moment.toString());
        }
        known.add(
            runs.create(
                    experiments.get(experiment),
                    new Runs.Start("me", detail, Optional.empty(), tags))
                .id());
        moments.put(known.getLast(), moment);
      }
      return;
    }
    if (detail % 31 == 0) {
      Stage stage = experiments.get(experiment).stage();
      experiments.turn(experiment, stage == Stage.ACTIVE ? Stage.DELETED : Stage.ACTIVE);
      return;
    }
    String run = known.get(detail % known.size());
    if (detail % 7 == 0) {
      runs.turn(run, runs.get(run).stage() == Stage.ACTIVE ? Stage.DELETED : Stage.ACTIVE);
    } else if (runs.get(run).stage() == Stage.ACTIVE) {
      logTo(run, detail);
    }
  }

  private void logTo(String run, int detail) {
    String value = "v" + detail;
    switch (detail % 5) {
      case 0 -> runs.update(run, Optional.of("FINISHED"), Optional.of(5L), Optional.of(value));
      case 1 -> runs.log(run, List.of(), Map.of("p" + detail, value.repeat(detail)), Map.of());
      case 2 -> runs.log(run, List.of(), Map.of(), Map.of("t", value));
      case 3 -> runs.logOutputs(run, Map.of("m-1", (long) detail));
      default ->
          runs.log(
              run, List.of(new Metric("m" + detail % 3, detail, 1, detail)), Map.of(), Map.of());
    }
  }

  private void check() {
    assertThat(search())
        .allSatisfy(run ->
            assertThat(run.tag(RunMoment.TAG))
                .contains(new RunMoment(moments.get(run.id())).toString()));
    assertThat(found())
        .containsExactlyInAnyOrderElementsOf(known.stream().map(this::told).toList());
  }

  @Test
  void settled_runs_are_packed_together_and_nothing_else_is_left() {
    experiment = experiments.create("packed", "", new TreeMap<>(), "somebody");
    for (int i = 0; i < 30; i++) {
      known.add(
          runs.create(
                  experiments.get(experiment),
                  new Runs.Start("me", i, Optional.empty(), new TreeMap<>()))
              .id());
      moments.put(known.getLast(), now);
      runs.update(known.getLast(), Optional.of("FINISHED"), Optional.empty(), Optional.empty());
      now = now.plus(Duration.ofMinutes(3));
      assertThat(packer.pack(Deadline.NONE)).isEqualTo(1);
    }
    check();

    RunPacks.Manifest manifest = new RunPacks(table).manifest(experiment);
    assertThat(manifest.packs()).hasSizeLessThan(7);
    assertThat(manifest.replaced()).hasSizeLessThan(7);
    assertThat(runs.open().all()).isEmpty();
  }

  @Test
  void an_experiment_that_cannot_be_packed_hinders_no_other() {
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      begin();
      made.add(experiment);
      Run run =
          runs.create(
              experiments.get(experiment),
              new Runs.Start("me", i, Optional.empty(), new TreeMap<>()));
      runs.update(run.id(), Optional.of("FINISHED"), Optional.empty(), Optional.empty());
    }
    now = now.plus(Duration.ofMinutes(3));
    DynamoDbClient faulty =
        new ObservedDynamo(
            table.dynamo(),
            (request, send) -> {
              if (request.toString().contains(made.get(2))) {
                throw new IllegalStateException("unreadable");
              }
              return send.get();
            });
    TrackingTable other = new TrackingTable(faulty, table.name());
    Experiments those = new Experiments(other, "mlflow-artifacts:/", () -> now, random);

    assertThatIllegalStateException()
        .isThrownBy(() ->
            new RunPacker(other, those, new Runs(other, those, () -> now, random), () -> now)
                .pack(Deadline.NONE));

    assertThat(runs.open().all()).extracting(OpenRun::experimentId).containsExactly(made.get(2));
  }

  @Test
  void a_run_that_no_item_holds_stays_open() {
    experiment = experiments.create("large", "", new TreeMap<>(), "somebody");
    known.add(
        runs.create(
                experiments.get(experiment),
                new Runs.Start("me", 0, Optional.empty(), new TreeMap<>()))
            .id());
    moments.put(known.getFirst(), now);
    for (int i = 0; i < 300; i++) {
      StringBuilder noise = new StringBuilder();
      random.ints(6_000, '!', '~').forEach(c -> noise.append((char) c));
      runs.log(known.getFirst(), List.of(), Map.of("p" + i, noise.toString()), Map.of());
    }
    runs.update(known.getFirst(), Optional.of("FINISHED"), Optional.empty(), Optional.empty());
    now = now.plus(Duration.ofMinutes(3));

    assertThat(packer.pack(Deadline.NONE)).isZero();

    assertThat(runs.open().all()).hasSize(1);
    check();
  }
}
