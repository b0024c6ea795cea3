package dev.snapslice.core.index;

/**
 * When the parts of an index are cut: small in tests, so that few keys make many of them.
 *
 * @param tabletKeys live keys of a tablet, above which it is split
 * @param leastDelta rows that a segment's delta may have however small its base is
 * @param leastTail facts that may wait in a tablet's tail however small the tablet is
 * @param backfillKeys keys of a tablet as backfill builds it
 * @param pageBytes of a page; leaves room for keys and attribute names below 4,096 bytes, what one
 *     read unit holds
 */
record Limits(int tabletKeys, int leastDelta, int leastTail, int backfillKeys, int pageBytes) {
  static final Limits PRODUCTION = new Limits(4_000, 256, 64, 2_000, 3_900);

  /** How many rows a segment's delta may have beside its base. */
  int delta(long baseRows) {
    return (int) Math.max(leastDelta, baseRows / 5);
  }

  /** How many facts may wait in the tail of a tablet with so many live keys. */
  long tail(long live) {
    return Math.max(leastTail, live / 20);
  }
}
