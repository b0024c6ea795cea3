package dev.snapslice.ingest;

import dev.snapslice.core.version.VersionEvent;

/** What one event in a message says. */
sealed interface Parsed {

  /** Something happened to a version of a bucket. */
  record Fact(String bucket, VersionEvent event) implements Parsed {}

  /**
   * Nothing happened that history is made of: acknowledged and counted.
   *
   * @param name of the event, as S3 calls it
   */
  record Ignored(String name) implements Parsed {}
}
