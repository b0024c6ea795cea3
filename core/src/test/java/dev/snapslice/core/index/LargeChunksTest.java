package dev.snapslice.core.index;

import static dev.snapslice.core.index.ClockedIndex.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.version.VersionEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A batch whose facts are together larger than what DynamoDB takes as an item. */
class LargeChunksTest {
  private static final int EVENTS = 1_000;

  @Test
  void a_thousand_facts_with_unlike_keys_of_1_024_bytes_are_recorded_and_folded() {
    ClockedIndex clocked = ClockedIndex.ofEmptyBucket();
    Random random = new Random(7);
    List<VersionEvent> events = new ArrayList<>();
    for (int n = 0; n < EVENTS; n++) {
      StringBuilder key = new StringBuilder();
      while (key.length() < 1_024) {
        key.append((char) ('a' + random.nextInt(26)));
      }
      events.add(clocked.created(key.toString(), "v" + n, START + n));
    }
    List<String> names =
        events.stream().map(e -> e.key().value() + "=" + e.versionId()).sorted().toList();

    clocked.record(events);

    assertThat(clocked.listed(clocked.clock.get())).isEqualTo(names);
    assertThat(clocked.settle().folded()).isEqualTo(EVENTS);
    assertThat(clocked.listed(clocked.clock.get())).isEqualTo(names);
  }
}
