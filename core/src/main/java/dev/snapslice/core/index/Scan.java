package dev.snapslice.core.index;

import java.util.Optional;

/** The keys of a view in order, from wherever the reader wants to go on. */
interface Scan {

  /** The next key's version; empty at the end. */
  Optional<Row> next();

  /** Says how many more keys the reader is likely to take. */
  void expect(int keys);

  /** Goes forward to the first key at or after a position. */
  void skipTo(byte[] position);
}
