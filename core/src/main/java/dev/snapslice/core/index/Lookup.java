package dev.snapslice.core.index;

import dev.snapslice.core.version.Version;
import java.time.Instant;

/** What a view says of one key. */
public sealed interface Lookup {

  /** The view contains the key, with this version. */
  record Found(Version version) implements Lookup {}

  /**
   * The view contains the key, but the version was permanently removed later: its bytes are gone.
   */
  record Purged(Version version, Instant at) implements Lookup {}

  /** The newest version at that moment was a delete marker. */
  record Deleted(Version marker) implements Lookup {}

  /** The view does not contain the key. */
  record Absent() implements Lookup {}
}
