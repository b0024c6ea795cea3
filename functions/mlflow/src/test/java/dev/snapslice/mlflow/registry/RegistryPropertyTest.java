package dev.snapslice.mlflow.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.registry.ModelVersions.Start;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.KillableTable;
import dev.snapslice.mlflow.webhooks.Announcements;
import dev.snapslice.mlflow.webhooks.RegistryEvent;
import dev.snapslice.mlflow.webhooks.Webhooks;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** What is done to a model is seen wholly or not at all, whatever is killed or comes between. */
class RegistryPropertyTest {
  private static final List<String> NAMES = List.of("a", "b", "c");
  private static final int MOST_WRITES = 6;

  private long now = 1;
  private final InstantSource clock = () -> Instant.ofEpochMilli(now);
  private final KillableTable killable = new KillableTable();
  private final TrackingTable table = killable.table();
  private final RegisteredModels models = new RegisteredModels(table, clock, new Random(1));
  private final ModelVersions versions = new ModelVersions(table, models, clock);
  private final Transitions transitions = new Transitions(table, models, versions, clock);
  private final Announcements announcements =
      new Announcements(table, new Webhooks(table, clock), text -> {}, clock);

  private Announcements.Announced nothing() {
    return announcements.of(RegistryEvent.REGISTERED_MODEL_CREATED, Json.MAPPER.createObjectNode());
  }

  /** What there is to see of a model; when it was changed is no matter. */
  private record View(
      String name, String description, Map<String, Long> aliases, List<ModelVersion> versions) {}

  private List<View> view() {
    return models.all().stream()
        .map(model ->
            new View(
                model.name(),
                model.description(),
                model.aliases(),
                versions.of(model).stream().filter(ModelVersion::isThere).toList()))
        .toList();
  }

  private void create(String name) {
    versions.create(
        name,
        new Start("s", "s", Optional.of("r"), "", "", new TreeMap<>()),
        number -> nothing(),
        number -> List.of());
  }

  /** A model with one version archived, two in staging and one in none, and some aliases. */
  private void setUp() {
    now = 1;
    NAMES.forEach(name -> quietly(() -> versions.forget(models.delete(name))));
    models.create("a", "one", new TreeMap<>(), "somebody", nothing());
    for (int i = 0; i < 4; i++) {
      create("a");
    }
    transitions.move("a", 1, ModelStage.STAGING, false);
    transitions.move("a", 2, ModelStage.STAGING, true);
    transitions.move("a", 3, ModelStage.STAGING, false);
    transitions.alias("a", "best", 2, nothing());
    transitions.alias("a", "good", 2, nothing());
    now = 2;
  }

  private static void quietly(Runnable change) {
    try {
      change.run();
    } catch (MlflowException e) {
      // There was nothing to change.
    }
  }

  @Test
  void a_killed_change_is_whole_or_none() {
    List<Runnable> changes =
        List.of(
            () -> create("a"),
            () -> models.create("b", "two", new TreeMap<>(), "somebody", nothing()),
            () -> models.rename("a", "b"),
            () -> models.rename("a", "a"),
            () -> transitions.move("a", 4, ModelStage.STAGING, true),
            () -> transitions.move("a", 2, ModelStage.STAGING, true),
            () -> transitions.move("a", 1, ModelStage.PRODUCTION, false),
            () -> transitions.delete("a", 2),
            () -> versions.forget(models.delete("a")));
    for (Runnable change : changes) {
      setUp();
      List<View> before = view();
      change.run();
      List<View> after = view();

      for (int writes = 0; writes < MOST_WRITES; writes++) {
        setUp();
        killable.killed(writes, change);
        assertThat(view()).isIn(before, after);
      }
    }
  }

  @Test
  void another_model_of_the_same_name_has_other_versions() {
    setUp();

    killable.killed(1, () -> versions.forget(models.delete("a")));
    models.create("a", "", new TreeMap<>(), "somebody", nothing());
    create("a");

    assertThat(view().getFirst().versions()).extracting(ModelVersion::number).containsExactly(1L);
  }

  @Property(tries = 40, shrinking = ShrinkingMode.BOUNDED)
  void aliases_stand_for_versions_whoever_comes_between(
      @ForAll @Size(min = 10, max = 40) List<@IntRange(max = 99_999) Integer> steps) {
    setUp();
    for (int step : steps) {
      now++;
      killable.interrupted(
          step % 3, () -> quietly(change(step / 300)), () -> quietly(change(step / 3)));
      for (View view : view()) {
        List<Long> numbers = view.versions().stream().map(ModelVersion::number).toList();
        assertThat(numbers).doesNotHaveDuplicates().containsAll(view.aliases().values());
      }
    }
  }

  private Runnable change(int detail) {
    String name = NAMES.get(detail / 6 % 2);
    long number = 1L + detail / 12 % 3;
    return switch (detail % 6) {
      case 0 -> () -> models.create(name, "", new TreeMap<>(), "somebody", nothing());
      case 1 -> () -> create(name);
      case 2 -> () -> transitions.move(name, number, ModelStage.STAGING, true);
      case 3 -> () -> transitions.alias(name, "best", number, nothing());
      case 4 -> () -> transitions.delete(name, number);
      default -> () -> models.rename(name, NAMES.get(detail / 36 % 3));
    };
  }
}
