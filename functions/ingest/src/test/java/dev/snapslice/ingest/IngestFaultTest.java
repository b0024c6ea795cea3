package dev.snapslice.ingest;

import static dev.snapslice.ingest.Ingest.message;
import static dev.snapslice.ingest.Ingest.put;
import static dev.snapslice.ingest.Ingest.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.snapslice.core.task.MaintenanceTask;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.ingest.FaultyDynamo.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes wrong on the way to the index loses nothing and doubles nothing. */
class IngestFaultTest {
  private static final String[] BUCKETS = {"one", "two", "three"};
  private static final List<Message> BATCH =
      List.of(
          message("1", put("one", "a", "v1", 30)),
          message("2", put("two", "a", "v2", 30)),
          message("3", put("three", "a", "v3", 30)),
          message("1+2", put("one", "b", "v4", 20) + "," + put("two", "b", "v5", 20)));

  private final Ingest ingest = new Ingest();

  @Test
  void throttling_gives_back_the_messages_of_the_facts_that_it_hit() {
    ingest.enable(BUCKETS);
    ingest.dynamo.next(Fault.NONE, Fault.THROTTLED, Fault.NONE);

    Set<String> failed = ingest.handle(BATCH);

    assertThat(failed).containsExactlyInAnyOrder("2", "1+2");
    assertThat(ingest.keys("one")).containsExactly("a=v1", "b=v4");
    assertThat(ingest.keys("two")).isEmpty();
    assertThat(ingest.keys("three")).containsExactly("a=v3");

    assertThat(ingest.handle(again(failed))).isEmpty();
    assertAllThereOnce();
  }

  @Test
  void unprocessed_items_are_written_again_at_once() {
    ingest.enable(BUCKETS);
    ingest.dynamo.next(Fault.UNPROCESSED, Fault.UNPROCESSED);

    assertThat(ingest.handle(BATCH)).isEmpty();
    assertAllThereOnce();
  }

  @ParameterizedTest
  @EnumSource(names = {"KILLED_BEFORE", "KILLED_AFTER"})
  void a_function_that_dies_between_writes_gets_its_batch_again(Fault death) {
    ingest.enable(BUCKETS);
    for (int writes = 0; writes < BUCKETS.length; writes++) {
      ingest.dynamo.next(Collections.nCopies(writes, Fault.NONE).toArray(Fault[]::new));
      ingest.dynamo.next(death);

      assertThatThrownBy(() -> ingest.handle(BATCH)).isInstanceOf(FaultyDynamo.Killed.class);
    }

    assertThat(ingest.handle(BATCH)).isEmpty();
    assertAllThereOnce();
  }

  @Test
  void while_DynamoDB_is_out_of_reach_only_facts_come_again() {
    ingest.enable(BUCKETS);
    ingest.dynamo.unreachable(true);
    List<Message> batch =
        Stream.concat(
                BATCH.stream(), Stream.of(new Message("test", TestEvents.read("s3-test-event"))))
            .toList();

    assertThat(ingest.handle(batch)).containsExactlyInAnyOrder("1", "2", "3", "1+2");

    ingest.dynamo.unreachable(false);
    assertThat(ingest.handle(BATCH)).isEmpty();
    assertAllThereOnce();
  }

  @Test
  void nothing_is_written_when_the_time_is_nearly_up() {
    ingest.enable(BUCKETS);

    Set<String> failed = ingest.handle(BATCH, Recorder.ENOUGH_TIME.minusMillis(1));

    assertThat(failed).hasSize(4);
    assertThat(ingest.keys("one")).isEmpty();
  }

  @Test
  void facts_are_durable_although_maintenance_cannot_be_asked_for() {
    ingest.enable("one");
    List<MaintenanceTask> asked = new ArrayList<>();
    ingest.taskQueue =
        task -> {
          asked.add(task);
          throw new IllegalStateException("no queue");
        };
    // More facts than the index takes without a look at the tablet.
    List<Message> batch =
        Stream.iterate(0, i -> i < 100, i -> i + 1)
            .map(i -> message("m" + i, put("one", "k" + i, "v" + i, 10)))
            .toList();

    assertThat(ingest.handle(batch)).isEmpty();
    assertThat(asked).isNotEmpty();
    assertThat(ingest.keys("one")).hasSize(100);
  }

  @Test
  void any_order_and_repetition_of_messages_makes_the_same_history() {
    Random random = new Random(4);
    List<String> events = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String key = "k" + random.nextInt(6);
      int ago = 120 - i;
      switch (random.nextInt(4)) {
        case 0 -> events.add(marker(key, "v" + i, ago));
        case 1 -> events.add(removal(key, "v" + random.nextInt(i + 1), ago));
        default -> events.add(put("one", key, "v" + i, ago));
      }
    }
    ingest.enable("one");
    ingest.handle(messages(events));

    for (int round = 0; round < 5; round++) {
      Ingest other = new Ingest();
      other.enable("one");
      List<String> shuffled = new ArrayList<>(events);
      shuffled.addAll(events.subList(0, 30));
      Collections.shuffle(shuffled, random);
      for (int from = 0; from < shuffled.size(); from += 15) {
        other.handle(messages(shuffled.subList(from, from + 15)));
      }

      for (int ago = 130; ago >= 50; ago -= 5) {
        var moment = Ingest.NOW.minus(Duration.ofSeconds(ago));
        assertThat(other.keys("one", moment)).isEqualTo(ingest.keys("one", moment));
      }
    }
  }

  private static String marker(String key, String version, int ago) {
    return record("ObjectRemoved:DeleteMarkerCreated", "one", key, version, ago);
  }

  private static String removal(String key, String version, int ago) {
    return record("ObjectRemoved:Delete", "one", key, version, ago);
  }

  private static List<Message> messages(List<String> records) {
    List<Message> messages = new ArrayList<>();
    records.forEach(record -> messages.add(message("m" + messages.size(), record)));
    return messages;
  }

  private static List<Message> again(Set<String> failed) {
    return BATCH.stream().filter(message -> failed.contains(message.id())).toList();
  }

  private void assertAllThereOnce() {
    assertThat(ingest.keys("one")).containsExactly("a=v1", "b=v4");
    assertThat(ingest.keys("two")).containsExactly("a=v2", "b=v5");
    assertThat(ingest.keys("three")).containsExactly("a=v3");
    for (String bucket : BUCKETS) {
      assertThat(ingest.index.history(bucket, new ObjectKey("a"))).hasSize(1);
    }
  }
}
