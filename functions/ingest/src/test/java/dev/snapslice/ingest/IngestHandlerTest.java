package dev.snapslice.ingest;

import static dev.snapslice.ingest.Ingest.NOW;
import static dev.snapslice.ingest.Ingest.message;
import static dev.snapslice.ingest.Ingest.put;
import static dev.snapslice.ingest.Ingest.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.snapslice.core.bucket.Amendment;
import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.bucket.Location;
import dev.snapslice.core.version.VersionEvent.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class IngestHandlerTest {
  private final Ingest ingest = new Ingest();

  @Test
  void records_a_batch_and_gives_back_only_its_poison() {
    ingest.enable("camera-frames");

    var failed = ingest.handle(TestEvents.read("sqs-batch"), Duration.ofMinutes(1));

    assertThat(failed).containsExactly("059f36b4-87a3-44ab-83d2-661970000004");
    assertThat(ingest.keys("camera-frames"))
        .singleElement()
        .asString()
        .startsWith("day 1/café + tea.jpg=3/L4kq");
  }

  @Test
  void follows_a_key_through_put_delete_and_removal_of_the_marker() {
    ingest.enable("frames");

    ingest.handle(
        List.of(
            message("1", put("frames", "a", "v1", 30)),
            message("2", record("ObjectRemoved:DeleteMarkerCreated", "frames", "a", "m1", 20)),
            message("3", record("ObjectRemoved:Delete", "frames", "a", "m1", 10))));

    assertThat(ingest.keys("frames", NOW.minusSeconds(25))).containsExactly("a=v1");
    assertThat(ingest.keys("frames", NOW.minusSeconds(15))).isEmpty();
    assertThat(ingest.keys("frames")).containsExactly("a=v1");
  }

  @Test
  void keeps_a_key_of_1024_bytes_and_any_characters() {
    ingest.enable("frames");
    List<String> keys = List.of("/", "a//b", "../a", "\u0001", "😀", "é".repeat(512));

    var failed =
        ingest.handle(
            IntStream.range(0, keys.size())
                .mapToObj(i -> message("m" + i, put("frames", keys.get(i), "v", 10)))
                .toList());

    assertThat(failed).isEmpty();
    assertThat(ingest.keys("frames"))
        .containsExactlyInAnyOrderElementsOf(keys.stream().map(key -> key + "=v").toList());
  }

  @Test
  void gives_back_messages_with_an_invalid_key_alone() {
    ingest.enable("frames");
    String tooLong = put("frames", "x".repeat(1025), "v", 10);
    String noText = put("frames", "a", "v", 10).replace("\"key\":\"a\"", "\"key\":\"%FF\"");

    var failed =
        ingest.handle(
            List.of(
                message("long", tooLong),
                message("good", put("frames", "b", "v", 10)),
                message("bytes", noText)));

    assertThat(failed).containsExactlyInAnyOrder("long", "bytes");
    assertThat(ingest.keys("frames")).containsExactly("b=v");
  }

  @Test
  void takes_a_message_of_256_KiB() {
    ingest.enable("frames");
    List<String> records = new ArrayList<>();
    for (int length = 0; length < 256 * 1024 - 300; ) {
      records.add(put("frames", "f/%06d".formatted(records.size()), "v" + records.size(), 10));
      length += records.getLast().length() + 1;
    }

    var failed = ingest.handle(List.of(message("1", String.join(",", records))));

    assertThat(failed).isEmpty();
    assertThat(ingest.keys("frames")).hasSize(records.size());
  }

  @Test
  void late_facts_amend_what_could_already_be_read() {
    ingest.enable("frames");
    ingest.catalog.put(
        Bucket.registered("frames", new Location.OwnAccount(), Optional.empty(), NOW));
    ingest.shownThrough = Optional.of(NOW.minusSeconds(20));

    ingest.handle(
        List.of(
            message("late", put("frames", "late", "v1", 20)),
            message("early", put("frames", "early", "v2", 19))));

    assertThat(ingest.amendments.since("frames", Instant.EPOCH))
        .containsExactly(
            new Amendment(NOW.minusSeconds(20), NOW, "late", Kind.CREATED, Optional.empty()));
    assertThat(ingest.catalog.require("frames").amended().count()).isEqualTo(1);
  }

  @Test
  void acknowledges_events_of_a_bucket_that_nobody_registered() {
    Tally tally = new Tally();

    var failed =
        ingest.recorder.record(
            List.of(message("1", put("strange", "a", "v", 10))),
            () -> Duration.ofMinutes(1),
            tally);

    assertThat(failed).isEmpty();
    assertThat(tally.unregisteredEvents()).isEqualTo(1);
    assertThat(tally.events()).isZero();
  }

  @Test
  void keeps_events_of_a_bucket_waiting_until_its_index_is_there() {
    Bucket registered =
        Bucket.registered("frames", new Location.OwnAccount(), Optional.empty(), NOW);
    ingest.catalog.put(registered.with(Bucket.Status.ENABLING, Bucket.Progress.of("index", 0)));
    List<Message> batch = List.of(message("1", put("frames", "a", "v", 10)));

    var before = ingest.handle(batch);
    ingest.enable("frames");
    var after = ingest.handle(batch);

    assertThat(before).containsExactly("1");
    assertThat(after).isEmpty();
    assertThat(ingest.keys("frames")).containsExactly("a=v");
  }

  @Test
  void counts_what_becomes_of_a_batch() {
    ingest.enable("frames");
    ingest.shownThrough = Optional.of(NOW.minusSeconds(20));
    Tally tally = new Tally();

    ingest.recorder.record(
        List.of(
            message("1", put("frames", "a", "v1", 30) + "," + put("frames", "b", "v2", 10)),
            new Message("2", TestEvents.read("s3-test-event")),
            new Message("3", "no JSON")),
        () -> Duration.ofMinutes(1),
        tally);

    assertThat(tally.events()).isEqualTo(2);
    assertThat(tally.lateEvents()).isEqualTo(1);
    assertThat(tally.ignoredEvents()).isEqualTo(1);
    assertThat(tally.malformedMessages()).isEqualTo(1);
    assertThat(tally.longestLag()).isEqualTo(Duration.ofSeconds(30));
    assertThat(tally.averageLag()).isEqualTo(Duration.ofSeconds(20));
  }

  @Test
  void is_primed_by_an_event_that_is_read_and_leaves_nothing() {
    assertThat(IngestHandler.prime(ingest.recorder)).isEmpty();
    assertThat(ingest.index.exists("snapslice.priming")).isFalse();
  }

  @Test
  void fails_as_a_whole_when_the_event_is_no_batch() {
    assertThatThrownBy(() -> ingest.handle("{\"what\":1}", Duration.ofMinutes(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
