package dev.snapslice.mlflow.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.tracking.KillableTable;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** A dataset counts the records that it has, whatever is killed or comes between. */
class RecordsPropertyTest {
  private static final int MANY = 200;

  private final KillableTable killable = new KillableTable();
  private final InstantSource clock = () -> Instant.ofEpochMilli(1);
  private final Datasets datasets = new Datasets(killable.table(), clock, new Random(1));
  private final Records records = new Records(killable.table(), datasets, clock);

  private String create() {
    return datasets.create("d", new TreeMap<>(), List.of()).id();
  }

  private static JsonNode record(int input, String expectation) {
    ObjectNode record = Json.MAPPER.createObjectNode();
    record.putObject("inputs").put("i", input);
    record.putObject("expectations").put(expectation, input);
    return record;
  }

  private static List<JsonNode> many(int from, int to) {
    List<JsonNode> all = new ArrayList<>();
    for (int i = from; i < to; i++) {
      all.add(record(i, "e"));
    }
    return all;
  }

  private List<String> ids(String id) {
    return records.after(id, " ").map(json -> json.get("dataset_record_id").asText()).toList();
  }

  private void assertCounted(String id) {
    long counted = datasets.find(id).orElseThrow().state().records().orElse(0L);
    assertThat(ids(id)).hasSize((int) counted).doesNotHaveDuplicates();
  }

  private static void quietly(Runnable change) {
    try {
      change.run();
    } catch (MlflowException e) {
      // There was nothing to change.
    }
  }

  @Test
  void a_killed_merge_leaves_whole_parts_and_a_second_one_the_rest() {
    for (int writes = 0; writes < 4; writes++) {
      String id = create();

      killable.killed(writes, () -> records.merge(id, many(0, MANY)));
      assertCounted(id);
      records.merge(id, many(0, MANY));

      assertThat(ids(id)).hasSize(MANY);
      assertCounted(id);
    }
  }

  @Test
  void a_killed_deletion_leaves_nothing_to_be_seen() {
    String id = create();
    records.merge(id, many(0, 5));

    killable.killed(2, () -> records.deleteAll(id));

    assertThat(datasets.find(id)).isEmpty();
    assertThat(ids(id)).isEmpty();
  }

  @Test
  void a_dataset_that_is_deleted_meanwhile_gets_no_records() {
    String id = create();

    killable.interrupted(
        0, () -> datasets.delete(id), () -> quietly(() -> records.merge(id, many(0, 5))));

    assertThat(killable.table().partition("evaluation-records/" + id)).isEmpty();
  }

  @Test
  void two_that_merge_the_same_record_both_leave_what_they_expect() {
    String id = create();

    killable.interrupted(
        0,
        () -> records.merge(id, List.of(record(1, "b"))),
        () -> records.merge(id, List.of(record(1, "a"))));

    ObjectNode only = records.after(id, " ").toList().getFirst();
    assertThat(only.get("expectations").toString()).isEqualTo("{\"b\":1,\"a\":1}");
    assertCounted(id);
  }

  @Property(tries = 20, shrinking = ShrinkingMode.BOUNDED)
  void the_count_is_right_whoever_comes_between(
      @ForAll @Size(min = 5, max = 15) List<@IntRange(max = 999) Integer> steps) {
    String id = create();
    for (int step : steps) {
      killable.interrupted(
          step % 2, () -> quietly(change(id, step / 40)), () -> quietly(change(id, step / 2)));

      assertCounted(id);
    }
  }

  private Runnable change(String id, int detail) {
    int from = detail / 3 % 5;
    return switch (detail % 3) {
      case 0 -> () -> records.delete(id, ids(id).stream().limit(2).toList());
      case 1 -> () -> datasets.move(id, known -> List.of("" + detail));
      default -> () -> records.merge(id, many(from, from + 3));
    };
  }
}
