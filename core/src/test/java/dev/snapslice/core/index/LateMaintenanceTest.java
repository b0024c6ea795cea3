package dev.snapslice.core.index;

import static dev.snapslice.core.index.ClockedIndex.BUCKET;
import static dev.snapslice.core.index.ClockedIndex.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What maintenance makes of facts that come long after they happened, twice, or after a pause. */
class LateMaintenanceTest {
  private static final long HOUR = 3_600_000;

  private final ClockedIndex clocked = ClockedIndex.ofEmptyBucket();

  @Test
  void days_without_maintenance_change_no_view_nor_does_its_return() {
    int hours = 72;
    int keys = 60;
    for (int hour = 0; hour < hours; hour++) {
      List<VersionEvent> batch = new ArrayList<>();
      for (int n = 0; n < keys; n++) {
        String version = "v%d-%d".formatted(hour, n);
        batch.add(clocked.created("key-%02d".formatted(n), version, START + hour * HOUR + n));
      }
      clocked.record(batch);
    }

    checkHours(hours, keys);
    assertThat(clocked.settle().folded()).isEqualTo(hours * keys);
    checkHours(hours, keys);
  }

  private void checkHours(int hours, int keys) {
    for (int hour = 0; hour < hours; hour += 17) {
      int then = hour;
      List<String> names =
          IntStream.range(0, keys).mapToObj(n -> "key-%02d=v%d-%d".formatted(n, then, n)).toList();
      assertThat(clocked.listed(START + hour * HOUR + keys)).isEqualTo(names);
    }
  }

  @Test
  void a_creation_shows_that_is_told_after_a_base_without_its_deleted_key_was_made() {
    VersionEvent first = clocked.created("a", "v1", START + 1_000);
    VersionEvent marker = clocked.event("a", "m1", Kind.MARKER, START + 2_000, Source.EVENT);
    VersionEvent second = clocked.created("a", "v2", START + 3_000);
    clocked.record(List.of(marker));
    fillSegments();

    clocked.record(List.of(first, second));
    checkLateCreation();
    fillSegments();
    checkLateCreation();
  }

  private void checkLateCreation() {
    assertThat(clocked.lookedUp("a", START + 1_500)).isEqualTo("v1");
    assertThat(clocked.lookedUp("a", START + 2_500)).isEqualTo("deleted");
    assertThat(clocked.lookedUp("a", START + 3_500)).isEqualTo("v2");
    assertThat(clocked.lookedUp("a", clocked.clock.get())).isEqualTo("v2");
    assertThat(clocked.listed(START + 1_500)).containsExactly("a=v1");
    assertThat(clocked.listed(START + 2_500)).isEmpty();
    assertThat(clocked.listed(clocked.clock.get())).contains("a=v2");
  }

  @Test
  void a_late_removal_shows_what_lies_under_all_that_was_removed_segments_later() {
    List<VersionEvent> later = new ArrayList<>();
    for (String version : List.of("v1", "v2", "v3", "v4")) {
      clocked.record(List.of(clocked.created("a", version, clocked.clock.get() + 1)));
      fillSegments();
    }
    VersionEvent late = removal("v4", clocked.clock.get() + 1);
    fillSegments();
    clocked.record(List.of(clocked.created("a", "v5", clocked.clock.get() + 1)));
    fillSegments();
    for (String version : List.of("v2", "v3", "v5")) {
      later.add(removal(version, clocked.clock.get() + 1));
      clocked.record(List.of(later.getLast()));
      fillSegments();
    }

    clocked.record(List.of(late));
    fillSegments();

    assertThat(clocked.lookedUp("a", late.time().toEpochMilli())).isEqualTo("purged");
    assertThat(clocked.lookedUp("a", later.getLast().time().toEpochMilli())).isEqualTo("v1");
    assertThat(clocked.lookedUp("a", clocked.clock.get())).isEqualTo("v1");
    assertThat(clocked.listed(clocked.clock.get())).contains("a=v1");
  }

  private VersionEvent removal(String version, long time) {
    return clocked.event("a", version, Kind.REMOVED, time, Source.EVENT);
  }

  private void fillSegments() {
    for (int i = 0; i < 3; i++) {
      long now = clocked.clock.get() + 10_000;
      clocked.record(events("z", now));
      clocked.settle();
    }
  }

  private List<VersionEvent> events(String prefix, long from) {
    return IntStream.range(0, 300)
        .mapToObj(n -> clocked.created(prefix + n, "v" + (from + n), from + n))
        .toList();
  }

  @Test
  void facts_that_come_again_after_they_were_folded_are_counted_as_duplicates() {
    List<VersionEvent> events = events("key-", START);
    clocked.record(events);
    assertThat(clocked.settle()).extracting(MaintenanceOutcome::duplicates).isEqualTo(0);
    List<String> before = clocked.listed(clocked.clock.get());

    clocked.record(events);
    int duplicates = clocked.settle().duplicates();

    assertThat(duplicates).isEqualTo(events.size());
    assertThat(clocked.listed(clocked.clock.get())).isEqualTo(before);
    assertThat(clocked.index.history(BUCKET, new ObjectKey("key-7"))).hasSize(1);
  }

  @Test
  void a_version_counts_from_the_time_of_its_best_source_in_whatever_order_they_come() {
    long happened = START + 10_700;
    VersionEvent event = clocked.created("a", "v", happened);
    VersionEvent bridged = at(event, Source.EVENTBRIDGE, START + 10_000, event.sequencer());
    VersionEvent listed = at(event, Source.LIST, START + 4_000, ""); // A multipart upload's start.

    Stream.of(
            List.of(event, bridged, listed),
            List.of(listed, bridged, event),
            List.of(bridged, event, listed))
        .forEach(order -> {
          ClockedIndex told = ClockedIndex.ofEmptyBucket();
          for (VersionEvent one : order) {
            told.record(List.of(one));
            told.record(events("z", START + 20_000));
            told.settle();
          }
          assertThat(told.lookedUp("a", happened - 1)).isEqualTo("absent");
          assertThat(told.lookedUp("a", happened)).isEqualTo("v");
          assertThat(told.index.history(BUCKET, new ObjectKey("a"))).hasSize(1);
        });
  }

  private static VersionEvent at(VersionEvent event, Source source, long time, String sequencer) {
    return new VersionEvent(
        event.key(),
        event.versionId(),
        event.kind(),
        Instant.ofEpochMilli(time),
        sequencer,
        event.etag(),
        event.size(),
        source);
  }
}
