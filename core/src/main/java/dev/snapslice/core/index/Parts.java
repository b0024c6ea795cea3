package dev.snapslice.core.index;

import java.time.InstantSource;

/** What the index is made of, handed around together. */
record Parts(
    IndexTable table,
    InstantSource clock,
    Directory directory,
    Segments segments,
    Tail tail,
    Resolver resolver) {

  static Parts of(IndexTable table, InstantSource clock) {
    Directory directory = new Directory(table, clock);
    Segments segments = new Segments(table, directory);
    return new Parts(table, clock, directory, segments, new Tail(table), new Resolver(segments));
  }
}
