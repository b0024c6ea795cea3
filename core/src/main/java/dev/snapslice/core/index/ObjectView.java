package dev.snapslice.core.index;

import dev.snapslice.core.version.ObjectKey;

/**
 * A bucket as one spec shows it: a snapshot or a slice. Immutable, thread-safe, and cheap to make;
 * each call reads the index.
 */
public interface ObjectView {

  /**
   * A page of the keys that the view contains, in S3 order. Costs what it returns, whatever the
   * history's length.
   */
  ListPage list(ListRequest request);

  /** What the view says of one key. */
  Lookup lookup(ObjectKey key);

  /** Counts every key below {@code prefix}: as expensive as listing them all. */
  Summary summary(String prefix);
}
