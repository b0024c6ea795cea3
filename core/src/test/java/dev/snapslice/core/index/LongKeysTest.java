package dev.snapslice.core.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Keys as long as S3 allows: longer than DynamoDB's sort keys once ours are put around them. */
class LongKeysTest {
  private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");
  private static final int KEYS = 300;

  private final AtomicReference<Instant> now = new AtomicReference<>(START);
  private final TimeIndex index =
      new TimeIndex(LocalDynamo.client(), LocalDynamo.newIndexTable(), now::get);

  @Test
  void keys_of_1_024_bytes_are_listed_and_found_before_and_after_they_are_folded() {
    index.create("films");
    index.finishBackfill("films");
    List<VersionEvent> events = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      events.add(created(key(i), i));
    }
    assertThat(index.record("films", events).failed()).isEmpty();
    now.set(START.plus(Duration.ofHours(1)));

    checkViews(events);
    assertThat(index.maintain(new TabletRef("films", "")).folded()).isEqualTo(KEYS);
    checkViews(events);
  }

  private void checkViews(List<VersionEvent> events) {
    ObjectView view = index.snapshot("films", now.get());
    List<String> listed = new ArrayList<>();
    ListRequest request = new ListRequest("k", "", Cursor.START, 7);
    for (ListPage page = view.list(request); ; page = view.list(request)) {
      page.items().forEach(item -> listed.add(((ListItem.Entry) item).version().key().value()));
      if (page.next().isEmpty()) {
        break;
      }
      request = request.from(page.next().get());
    }
    assertThat(listed).isEqualTo(events.stream().map(event -> event.key().value()).toList());
    for (int i = 0; i < KEYS; i += 50) {
      ObjectKey key = new ObjectKey(key(i));
      assertThat(view.lookup(key)).isInstanceOf(Lookup.Found.class);
      assertThat(index.history("films", key)).hasSize(1);
    }
  }

  /** Keys that differ in their last bytes only, of 1,022 to 1,024 bytes. */
  private static String key(int i) {
    return "k".repeat(1_019) + "%03d".formatted(i) + "x".repeat(i % 3);
  }

  private static VersionEvent created(String key, int i) {
    return new VersionEvent(
        new ObjectKey(key),
        "v" + i,
        Kind.CREATED,
        START.plusSeconds(i),
        "%08X".formatted(i),
        "%032x".formatted(i),
        i,
        Source.EVENT);
  }
}
