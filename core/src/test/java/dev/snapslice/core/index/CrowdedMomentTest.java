package dev.snapslice.core.index;

import static dev.snapslice.core.index.ClockedIndex.BUCKET;
import static dev.snapslice.core.index.ClockedIndex.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.VersionEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Thousands of events in one millisecond: order is the sequencer's, and nothing can be cut. */
class CrowdedMomentTest {
  private static final int EVENTS = 3_000;

  private final ClockedIndex clocked = ClockedIndex.ofEmptyBucket();

  @Test
  void the_last_of_3_000_versions_of_one_key_shows() {
    List<VersionEvent> events = new ArrayList<>();
    for (int n = 0; n < EVENTS; n++) {
      events.add(clocked.created("state", "v" + n, START));
    }
    clocked.record(events.reversed());

    checkLast();
    assertThat(clocked.settle().folded()).isEqualTo(EVENTS);
    checkLast();
    assertThat(clocked.index.history(BUCKET, new ObjectKey("state"))).hasSize(EVENTS);
  }

  private void checkLast() {
    assertThat(clocked.listed(START)).containsExactly("state=v" + (EVENTS - 1));
    assertThat(clocked.lookedUp("state", START)).isEqualTo("v" + (EVENTS - 1));
    assertThat(clocked.listed(START - 1)).isEmpty();
  }

  @Test
  void all_of_3_000_keys_show_from_that_moment_on() {
    List<VersionEvent> events = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (int n = 0; n < EVENTS; n++) {
      String key = "frame-%04d".formatted(n);
      events.add(clocked.created(key, "v", START));
      names.add(key + "=v");
    }
    clocked.record(events);
    clocked.settle();

    assertThat(clocked.listed(START)).isEqualTo(names);
    assertThat(clocked.listed(START - 1)).isEmpty();
    ObjectView slice =
        clocked.index.slice(BUCKET, Instant.ofEpochMilli(START - 1), Instant.ofEpochMilli(START));
    assertThat(ClockedIndex.listed(slice)).isEqualTo(names);
  }
}
