package dev.snapslice.mlflow.scorers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.tracking.KillableTable;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** What is done to a scorer is seen wholly or not at all, whatever is killed or comes between. */
class ScorersPropertyTest {
  private static final Scorers.Key KEY = new Scorers.Key("7", "k");
  private static final int MOST_WRITES = 5;

  private final KillableTable killable = new KillableTable();
  private final Scorers scorers =
      new Scorers(killable.table(), () -> Instant.ofEpochMilli(1), new Random(1));

  private static void quietly(Runnable change) {
    try {
      change.run();
    } catch (MlflowException e) {
      // There was nothing to change.
    }
  }

  private List<Long> numbers() {
    return scorers.versions(KEY).stream().map(ScorerVersion::number).toList();
  }

  @Test
  void a_killed_change_is_whole_or_none() {
    List<Runnable> changes =
        List.of(
            () -> scorers.register(KEY, "{}"),
            () -> scorers.delete(KEY, 2),
            () -> scorers.delete(KEY, 3),
            () -> scorers.delete(KEY));
    List<List<Long>> after =
        List.of(List.of(1L, 2L, 3L, 4L), List.of(1L, 3L), List.of(1L, 2L), List.of());
    for (Runnable change : changes) {
      for (int writes = 0; writes < MOST_WRITES; writes++) {
        quietly(() -> scorers.delete(KEY));
        for (int i = 0; i < 3; i++) {
          scorers.register(KEY, "{}");
        }
        List<Long> before = numbers();
        killable.killed(writes, change);
        List<Long> seen = numbers();
        quietly(change);

        assertThat(seen).isIn(before, after.get(changes.indexOf(change)));
      }
    }
  }

  @Test
  void a_scorer_after_a_half_deleted_one_has_none_of_its_versions() {
    scorers.register(KEY, "{\"old\": 1}");
    scorers.register(KEY, "{\"old\": 2}");

    killable.killed(2, () -> scorers.delete(KEY));
    scorers.register(KEY, "{}");

    assertThat(scorers.versions(KEY))
        .extracting(ScorerVersion::number, ScorerVersion::serialized)
        .containsExactly(tuple(1L, "{}"));
  }

  @Property(tries = 30, shrinking = ShrinkingMode.BOUNDED)
  void versions_count_on_whoever_comes_between(
      @ForAll @Size(min = 5, max = 20) List<@IntRange(max = 999) Integer> steps) {
    quietly(() -> scorers.delete(KEY));
    for (int step : steps) {
      killable.interrupted(
          step % 2, () -> quietly(change(step / 40)), () -> quietly(change(step / 2)));

      assertThat(numbers()).doesNotHaveDuplicates().isSorted();
    }
    long next = numbers().isEmpty() ? 1 : numbers().getLast() + 1;

    assertThat(scorers.register(KEY, "{}").number()).isEqualTo(next);
  }

  private Runnable change(int detail) {
    return switch (detail % 8) {
      case 0 -> () -> scorers.delete(KEY);
      case 1, 2 -> () -> scorers.delete(KEY, 1L + detail / 8 % 4);
      default -> () -> scorers.register(KEY, "{}");
    };
  }
}
