package dev.snapslice.proxy.view;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import dev.snapslice.core.index.Lookup;
import dev.snapslice.core.time.ViewSpec;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.proxy.view.Views.View;

/**
 * Which version a view shows of a key. Of a moment that the index has reached it is kept in bounded
 * memory: until the bucket's past is amended, nothing can change it but a removal, of which S3
 * tells on the read. Equal questions at the same time are asked once. Thread-safe.
 */
public final class Lookups {
  private static final long MOST_BYTES = 64L << 20;

  /** Of an entry's objects, beside its texts. */
  private static final int OBJECTS = 400;

  private final Cache<Question, Lookup> known =
      Caffeine.newBuilder()
          .recordStats()
          .maximumWeight(MOST_BYTES)
          .weigher(
              (Question question, Lookup answer) -> OBJECTS + 2 * question.key().value().length())
          .build();

  /** Amendments: how many there had been, so that those to come make other questions. */
  private record Question(String bucket, ViewSpec spec, long amendments, ObjectKey key) {}

  /** How often the answer was known. */
  public CacheStats stats() {
    return known.stats();
  }

  public Lookup of(View view, ObjectKey key) {
    if (!view.settled()) {
      return view.objects().lookup(key);
    }
    Question question =
        new Question(view.bucket().name(), view.spec(), view.bucket().amended().count(), key);
    return known.get(question, asked -> view.objects().lookup(asked.key()));
  }
}
