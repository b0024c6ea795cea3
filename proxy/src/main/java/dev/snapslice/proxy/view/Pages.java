package dev.snapslice.proxy.view;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.index.ListItem;
import dev.snapslice.core.index.ListPage;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.index.Lookup;
import dev.snapslice.core.index.ObjectView;
import dev.snapslice.core.index.Summary;
import dev.snapslice.core.time.ViewSpec;
import dev.snapslice.core.version.ObjectKey;

/**
 * Pages of lists of a moment that the index has reached, in bounded memory: until the bucket's past
 * is amended, nothing changes them, and the readers of a table all list the same. Equal questions
 * at the same time are asked once. Thread-safe.
 */
final class Pages {
  private static final long MOST_BYTES = 64L << 20;

  /** Of an entry's objects and its other texts. */
  private static final int ENTRY = 600;

  private final Cache<Question, ListPage> known =
      Caffeine.newBuilder()
          .maximumWeight(MOST_BYTES)
          .weigher((Question question, ListPage page) -> bytes(page))
          .build();

  /** Amendments: how many there had been, so that those to come make other questions. */
  private record Question(String bucket, ViewSpec spec, long amendments, ListRequest asked) {}

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

  /** A view of a bucket whose pages are remembered. */
  ObjectView remembering(Bucket bucket, ViewSpec spec, ObjectView index) {
    return new ObjectView() {
      @Override
      public ListPage list(ListRequest asked) {
        return known.get(
            new Question(bucket.name(), spec, bucket.amended().count(), asked),
            question -> index.list(asked));
      }

      @Override
      public Lookup lookup(ObjectKey key) {
        return index.lookup(key);
      }

      @Override
      public Summary summary(String prefix) {
        return index.summary(prefix);
      }
    };
  }
}
