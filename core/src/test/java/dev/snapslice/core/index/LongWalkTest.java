package dev.snapslice.core.index;

import static dev.snapslice.core.index.ClockedIndex.BUCKET;
import static dev.snapslice.core.index.ClockedIndex.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.version.VersionEvent;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A reader who walks through so many tablets that what it read first is old in the end. */
class LongWalkTest {
  private static final int KEYS = 450;
  private static final long LATER = 1_000_000;
  private static final Limits SMALL = new Limits(2, 4, 1, 2, 3_900);

  private final ClockedIndex clocked = new ClockedIndex(SMALL, (request, send) -> send.get());

  private List<VersionEvent> written(String version, long from) {
    return IntStream.range(0, KEYS)
        .mapToObj(n -> clocked.created("k%03d".formatted(n), version, from + n))
        .toList();
  }

  @Test
  void a_slice_misses_no_late_fact_that_is_folded_on_the_way() {
    clocked.index.finishBackfill(BUCKET);
    clocked.record(written("v1", START));
    clocked.settle();
    clocked.record(written("v2", START + LATER));
    clocked.settle();
    assertThat(clocked.index.tablets(BUCKET)).hasSizeGreaterThan(210);
    clocked.record(List.of(clocked.created("k449-late", "late", START + KEYS / 2)));
    Iterator<ListPage> pages =
        clocked
            .index
            .slice(BUCKET, Instant.ofEpochMilli(START - 1), Instant.ofEpochMilli(START + KEYS))
            .pages(new ListRequest("", "", Cursor.START, 100));
    ListPage page = pages.next();

    clocked.settle();
    while (pages.hasNext()) {
      page = pages.next();
    }

    var last = (ListItem.Entry) page.items().getLast();
    assertThat(last.version().key().value()).isEqualTo("k449-late");
  }
}
