package dev.snapslice.core.index;

import static dev.snapslice.core.index.ClockedIndex.BUCKET;
import static dev.snapslice.core.index.ClockedIndex.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A backfill that died, and a list that is no longer what it was. */
class BackfillResumedTest {
  private static final Limits SMALL = new Limits(4_000, 256, 1, 4, 3_900);
  private static final int KEYS = 30;

  private final ClockedIndex clocked = new ClockedIndex(SMALL, (request, send) -> send.get());

  @Test
  void goes_on_where_the_tablets_of_the_dead_run_end_though_they_end_elsewhere() {
    List<VersionEvent> list =
        IntStream.range(0, KEYS)
            .mapToObj(n -> listed("key-%02d".formatted(n), "v1", START - 1_000L * (n + 1)))
            .toList();
    assertThatThrownBy(() ->
            clocked.index.backfill(
                BUCKET,
                "",
                "",
                list.iterator(),
                checkpoint -> {
                  throw new IllegalStateException("killed");
                }))
        .hasMessage("killed");

    // Keys 1 and 2 are removed and another comes, so that tablets of four keys end elsewhere.
    List<VersionEvent> later = new ArrayList<>(list);
    later.subList(1, 3).clear();
    later.add(9, listed("key-10-b", "v1", START - 500));
    clocked.record(List.of(removed(list.get(1)), removed(list.get(2))));
    clocked.index.backfill(BUCKET, "", "", later.iterator(), checkpoint -> {});
    clocked.index.finishBackfill(BUCKET);

    checkAll(later, list);
    clocked.settle();
    checkAll(later, list);
  }

  private void checkAll(List<VersionEvent> now, List<VersionEvent> before) {
    assertThat(clocked.listed(clocked.clock.get())).isEqualTo(names(now));
    assertThat(clocked.listed(START - 1_000L * KEYS)).isEqualTo(names(List.of(before.getLast())));
  }

  private static List<String> names(List<VersionEvent> events) {
    return events.stream().map(event -> event.key().value() + "=" + event.versionId()).toList();
  }

  private VersionEvent listed(String key, String version, long time) {
    return clocked.event(key, version, Kind.CREATED, time, Source.LIST);
  }

  private VersionEvent removed(VersionEvent event) {
    return clocked.event(
        event.key().value(), event.versionId(), Kind.REMOVED, START + 5_000, Source.EVENT);
  }
}
