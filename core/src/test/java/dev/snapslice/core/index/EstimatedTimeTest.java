package dev.snapslice.core.index;

import static dev.snapslice.core.index.ClockedIndex.BUCKET;
import static dev.snapslice.core.index.ClockedIndex.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A fact whose time is only known to the second, while it waits in the tail. */
class EstimatedTimeTest {
  private static final int OTHERS = 6;

  private final ClockedIndex clocked =
      new ClockedIndex(new Limits(4_000, OTHERS, 1, 4, 3_900), (request, send) -> send.get());

  @Test
  void brings_nothing_to_light_that_a_marker_hid_then() {
    clocked.index.finishBackfill(BUCKET);
    inASegment(clocked.created("a", "v1", START));
    inASegment(clocked.event("a", "m", Kind.MARKER, START + 10_000, Source.EVENT));
    inASegment(clocked.created("z", "v1", START + 20_000));
    // Where the next segment begins, so that no later one holds the marker.
    long removed = START + 20_000 + OTHERS + 1;
    inASegment(clocked.event("a", "m", Kind.REMOVED, removed, Source.EVENT));

    clocked.record(
        List.of(clocked.event("a", "v2", Kind.CREATED, START + 40_000, Source.EVENTBRIDGE)));

    assertThat(clocked.lookedUp("a", START + 15_000)).isIn("deleted", "absent");
    assertThat(clocked.listed(START + 15_000)).doesNotContain("a=v1");
    assertThat(clocked.lookedUp("a", START + 35_000)).isEqualTo("v1");
    assertThat(clocked.lookedUp("a", START + 45_000)).isEqualTo("v2");
  }

  /** Makes a segment that ends after this event. */
  private void inASegment(VersionEvent event) {
    List<VersionEvent> events = new ArrayList<>(List.of(event));
    long time = event.time().toEpochMilli();
    for (int n = 0; n < OTHERS; n++) {
      events.add(clocked.created("other-" + n, "at-" + time, time + 1 + n));
    }
    clocked.record(events);
    clocked.settle();
  }
}
