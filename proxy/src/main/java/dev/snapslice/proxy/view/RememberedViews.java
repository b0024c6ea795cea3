package dev.snapslice.proxy.view;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.index.Cursor;
import dev.snapslice.core.index.ListItem;
import dev.snapslice.core.index.ListPage;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.index.Lookup;
import dev.snapslice.core.index.ObjectView;
import dev.snapslice.core.index.Summary;
import dev.snapslice.core.time.ViewSpec;
import dev.snapslice.core.version.ObjectKey;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What views of moments that the index has reached show: which version of a key, and pages of
 * lists, which the readers of a table all ask for. Kept in bounded memory: until the bucket's past
 * is amended, nothing changes it but a removal, of which S3 tells on the read. Equal questions at
 * the same time are asked once, and a reader who came for a second page finds the third one read
 * ahead; who asks for single keys looks around and does not walk. Thread-safe.
 */
final class RememberedViews {
  private static final Logger log = LoggerFactory.getLogger(RememberedViews.class);
  private static final long MOST_BYTES = 64L << 20;

  /** Of the objects of a version that is remembered, beside its key's text. */
  private static final int VERSION = 400;

  /** Of an entry's objects in a page, and its other texts. */
  private static final int ENTRY = 600;

  private static final int MOST_AHEAD = 32;

  /** Of which most may be of readers who wanted one page. */
  private static final int MOST_BEGUN = 256;

  private static final Duration BEGUN = Duration.ofSeconds(10);

  private final Cache<Question<ObjectKey>, Lookup> versions =
      Caffeine.newBuilder()
          .recordStats()
          .maximumWeight(MOST_BYTES)
          .weigher((Question<ObjectKey> question, Lookup answer) ->
              VERSION + 2 * question.asked().value().length())
          .build();

  private final Cache<Question<ListRequest>, ListPage> pages =
      Caffeine.newBuilder()
          .maximumWeight(MOST_BYTES)
          .weigher((Question<ListRequest> question, ListPage page) -> bytes(page))
          .build();

  /**
   * Where a list goes on after its last page that was read. What one holds depends on how much was
   * not folded yet, so it goes when memory is short.
   */
  private final Cache<Question<ListRequest>, Iterator<ListPage>> begun =
      Caffeine.newBuilder().maximumSize(MOST_BEGUN).expireAfterWrite(BEGUN).softValues().build();

  private final Semaphore readersAhead = new Semaphore(MOST_AHEAD);

  /** Amendments: how many there had been, so that those to come make other questions. */
  private record Question<T>(String bucket, ViewSpec spec, long amendments, T asked) {}

  private static int bytes(ListPage page) {
    return ENTRY
        + page.items().stream()
            .mapToInt(item ->
                switch (item) {
                  case ListItem.Entry entry -> ENTRY + entry.version().key().value().length();
                  case ListItem.CommonPrefix(String prefix) -> ENTRY + prefix.length();
                })
            .sum();
  }

  /** How often it was known which version a view shows. */
  CacheStats versionStats() {
    return versions.stats();
  }

  /** A view of a bucket, all that it showed remembered. */
  ObjectView of(Bucket bucket, ViewSpec spec, ObjectView index) {
    return new ObjectView() {
      @Override
      public ListPage list(ListRequest asked) {
        ListPage page = page(asked);
        if (!asked.cursor().equals(Cursor.START) && asked.limit() > 1) {
          page.next().ifPresent(next -> readAhead(asked.from(next)));
        }
        return page;
      }

      private ListPage page(ListRequest asked) {
        return pages.get(question(asked), this::read);
      }

      private ListPage read(Question<ListRequest> question) {
        ListRequest asked = question.asked();
        Iterator<ListPage> on = begun.asMap().remove(question);
        Iterator<ListPage> list = on == null ? index.pages(asked) : on;
        ListPage page = list.next();
        page.next().ifPresent(next -> begun.put(question(asked.from(next)), list));
        return page;
      }

      private void readAhead(ListRequest next) {
        if (readersAhead.tryAcquire()) {
          Thread.startVirtualThread(() -> {
            try {
              page(next);
            } catch (RuntimeException e) {
              // Who asks for that page learns of it.
              log.debug("reading ahead failed", e);
            } finally {
              readersAhead.release();
            }
          });
        }
      }

      @Override
      public Iterator<ListPage> pages(ListRequest asked) {
        return index.pages(asked);
      }

      @Override
      public Lookup lookup(ObjectKey key) {
        return versions.get(question(key), question -> index.lookup(question.asked()));
      }

      @Override
      public Summary summary(String prefix) {
        return index.summary(prefix);
      }

      private <T> Question<T> question(T asked) {
        return new Question<>(bucket.name(), spec, bucket.amended().count(), asked);
      }
    };
  }
}
