package dev.snapslice.core.index;

import static dev.snapslice.core.index.ClockedIndex.BUCKET;
import static dev.snapslice.core.index.ClockedIndex.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.testing.ConsumedCapacity;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.VersionEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One key that is overwritten all the time, as a state file or a lock is. */
class ManyVersionsTest {
  private static final int VERSIONS = 100_000;
  private static final int BATCH = 1_000;
  private static final long STEP = 100;
  private static final double READ_UNITS = 5;

  private final ConsumedCapacity capacity = new ConsumedCapacity();
  private final ClockedIndex clocked = new ClockedIndex(Limits.PRODUCTION, capacity);

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void a_key_of_100_000_versions_is_found_at_any_moment_at_the_price_of_a_few_pages() {
    clocked.index.finishBackfill(BUCKET);
    for (int first = 0; first < VERSIONS; first += BATCH) {
      List<VersionEvent> batch = new ArrayList<>();
      for (int n = first; n < first + BATCH; n++) {
        batch.add(clocked.created("state", "v" + n, START + n * STEP));
      }
      clocked.record(batch);
      clocked.maintain();
    }
    clocked.settle();

    for (int n = 0; n < VERSIONS; n += 7_919) {
      double before = capacity.total().reads();
      assertThat(clocked.lookedUp("state", START + n * STEP + 1)).isEqualTo("v" + n);
      assertThat(capacity.total().reads() - before).isLessThanOrEqualTo(READ_UNITS);
    }
    assertThat(clocked.listed(clocked.clock.get())).containsExactly("state=v" + (VERSIONS - 1));
    assertThat(clocked.index.history(BUCKET, new ObjectKey("state"))).hasSize(VERSIONS);
  }
}
