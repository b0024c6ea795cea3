package dev.snapslice.core.index;

import dev.snapslice.core.version.ObjectKey;
import java.util.Iterator;

/**
 * A bucket as one spec shows it: a snapshot or a slice. Immutable, thread-safe, and cheap to make;
 * each call reads the index.
 */
public interface ObjectView {

  /**
   * The keys that the view contains, in S3 order: the page that is asked for, and those after it.
   * Each is read when it is taken, and costs what it returns, whatever the history's length.
   */
  Iterator<ListPage> pages(ListRequest request);

  /** The page that is asked for alone. */
  default ListPage list(ListRequest request) {
    return pages(request).next();
  }

  /** What the view says of one key. */
  Lookup lookup(ObjectKey key);

  /** Counts every key below {@code prefix}: as expensive as listing them all. */
  Summary summary(String prefix);
}
