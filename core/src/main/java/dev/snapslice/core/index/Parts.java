package dev.snapslice.core.index;

import java.time.InstantSource;

/** What the index is made of, handed around together. */
record Parts(
    IndexTable table,
    InstantSource clock,
    Limits limits,
    Directory directory,
    Segments segments,
    Tail tail,
    Resolver resolver) {

  static Parts of(IndexTable table, InstantSource clock, Limits limits) {
    Directory directory = new Directory(table, clock);
    Segments segments = new Segments(table, directory, limits.pageBytes());
    return new Parts(
        table, clock, limits, directory, segments, new Tail(table), new Resolver(segments));
  }
}
