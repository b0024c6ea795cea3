package dev.snapslice.proxy.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.bucket.Location;
import dev.snapslice.core.index.Cursor;
import dev.snapslice.core.index.ListItem;
import dev.snapslice.core.index.ListPage;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.index.Lookup;
import dev.snapslice.core.index.ObjectView;
import dev.snapslice.core.index.Summary;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.time.ViewSpec;
import dev.snapslice.core.version.ObjectKey;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RememberedViewsTest {
  private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");
  private static final ViewSpec SPEC = new ViewSpec.Snapshot(NOW);
  private static final ListRequest ALL = ListRequest.recursive("");
  private static final Cursor SECOND = Cursor.afterPrefix("b/");
  private static final Cursor THIRD = Cursor.afterPrefix("c/");
  private static final ListPage LAST =
      new ListPage(List.of(new ListItem.CommonPrefix("a/")), Optional.empty());
  private static final Map<Cursor, ListPage> PAGES =
      Map.of(
          Cursor.START,
          new ListPage(LAST.items(), Optional.of(SECOND)),
          SECOND,
          new ListPage(LAST.items(), Optional.of(THIRD)));

  private final RememberedViews views = new RememberedViews();
  private final Counting index = new Counting();

  /** An index that counts how often it is asked. */
  private static final class Counting implements ObjectView {
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger opened = new AtomicInteger();

    @Override
    public Iterator<ListPage> pages(ListRequest request) {
      opened.incrementAndGet();
      return Stream.iterate(Optional.of(request.cursor()), Optional::isPresent, this::after)
          .map(cursor -> PAGES.getOrDefault(cursor.get(), LAST))
          .peek(page -> asked.incrementAndGet())
          .iterator();
    }

    private Optional<Cursor> after(Optional<Cursor> cursor) {
      return PAGES.getOrDefault(cursor.get(), LAST).next();
    }

    @Override
    public Lookup lookup(ObjectKey key) {
      asked.incrementAndGet();
      return new Lookup.Absent();
    }

    @Override
    public Summary summary(String prefix) {
      throw new UnsupportedOperationException();
    }
  }

  private static Bucket bucket(String name, int amendments) {
    String registered =
        Json.write(Bucket.registered(name, new Location.OwnAccount(), Optional.empty(), NOW));
    return Json.read(
        registered.replace("\"amended\":{\"count\":0", "\"amended\":{\"count\":" + amendments),
        Bucket.class);
  }

  private ListPage list(Bucket bucket, ViewSpec spec, ListRequest request) {
    return views.of(bucket, spec, index).list(request);
  }

  @Test
  void asks_the_index_once_for_a_page() {
    ListPage first = list(bucket("films", 0), SPEC, ALL);
    ListPage second = list(bucket("films", 0), SPEC, ALL);

    assertThat(second).isEqualTo(first);
    assertThat(index.asked).hasValue(1);
  }

  @Test
  void reads_the_third_page_ahead_for_a_reader_who_came_for_the_second() throws Exception {
    list(bucket("films", 0), SPEC, ALL);
    list(bucket("films", 0), SPEC, ALL.from(SECOND));
    for (int i = 0; i < 500 && index.asked.get() < 3; i++) {
      Thread.sleep(10);
    }

    list(bucket("films", 0), SPEC, ALL.from(THIRD));

    assertThat(index.asked).hasValue(3);
    assertThat(index.opened).hasValue(1);
  }

  @Test
  void asks_the_index_once_for_a_key_until_the_past_is_amended() {
    for (int amendments : new int[] {0, 0, 1}) {
      Bucket bucket = bucket("films", amendments);
      assertThat(views.of(bucket, SPEC, index).lookup(new ObjectKey("a")))
          .isEqualTo(new Lookup.Absent());
    }

    assertThat(index.asked).hasValue(2);
    assertThat(views.versionStats().hitCount()).isEqualTo(1);
  }

  @Test
  void asks_again_for_another_view_or_page_and_when_the_past_was_amended() {
    list(bucket("films", 0), SPEC, ALL);
    list(bucket("songs", 0), SPEC, ALL);
    list(bucket("films", 0), new ViewSpec.Snapshot(NOW.plusMillis(1)), ALL);
    list(bucket("films", 0), SPEC, ListRequest.recursive("a/"));
    list(bucket("films", 1), SPEC, ALL);

    assertThat(index.asked).hasValue(5);
  }
}
