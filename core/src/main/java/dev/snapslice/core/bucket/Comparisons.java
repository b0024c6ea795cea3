package dev.snapslice.core.bucket;

import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * The keys that S3 lists and those that the index knows, merged in key order and compared one by
 * one. For one thread.
 */
final class Comparisons implements Iterator<KeyComparison> {
  private final Iterator<ListedKey> listed;
  private final Iterator<Version> known;
  private final Instant cutoff;
  private ListedKey nextListed;
  private Version nextKnown;

  Comparisons(Iterator<ListedKey> listed, Iterator<Version> known, Instant cutoff) {
    this.listed = listed;
    this.known = known;
    this.cutoff = cutoff;
    this.nextListed = nextOf(listed);
    this.nextKnown = nextOf(known);
  }

  private static <T> T nextOf(Iterator<T> iterator) {
    return iterator.hasNext() ? iterator.next() : null;
  }

  @Override
  public boolean hasNext() {
    return nextListed != null || nextKnown != null;
  }

  @Override
  public KeyComparison next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    ObjectKey key = nextKey();
    ListedKey list = new ListedKey(key, List.of());
    if (nextListed != null && nextListed.key().equals(key)) {
      list = nextListed;
      nextListed = nextOf(listed);
    }
    List<Version> versions = new ArrayList<>();
    while (nextKnown != null && nextKnown.key().equals(key)) {
      versions.add(nextKnown);
      nextKnown = nextOf(known);
    }
    return new KeyComparison(list, versions, cutoff);
  }

  private ObjectKey nextKey() {
    if (nextListed == null) {
      return nextKnown.key();
    }
    return nextKnown == null || nextListed.key().compareTo(nextKnown.key()) <= 0
        ? nextListed.key()
        : nextKnown.key();
  }
}
