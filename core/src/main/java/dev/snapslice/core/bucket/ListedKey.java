package dev.snapslice.core.bucket;

import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What S3 lists of one key.
 *
 * @param key whose versions they are
 * @param versions and delete markers, newest first, as facts with the times that S3 gave them
 */
record ListedKey(ObjectKey key, List<Entry> versions) {

  /** One version or delete marker, and whether it is the key's newest. */
  record Entry(VersionEvent fact, boolean latest) {
    boolean isMarker() {
      return fact.kind() == Kind.MARKER;
    }

    /** Whether its time is when its upload began. */
    boolean isMultipart() {
      return fact.etag().contains("-");
    }

    /**
     * Whether it is certain to be newer than an entry further down the list. S3 lists versions and
     * delete markers in one order; the SDK parts them, and times alone do not always tell.
     */
    boolean certainlyAfter(Entry older) {
      return latest
          || isMarker() == older.isMarker()
          || (!isMultipart() && !older.isMultipart() && fact.time().isAfter(older.fact().time()));
    }
  }

  ListedKey {
    versions = List.copyOf(versions);
  }

  /**
   * The versions as facts from the oldest on, with times that respect S3's order: a list knows
   * whole seconds, and of multipart uploads when they began, so a version that would seem older
   * than the one before it is set a millisecond after it.
   */
  List<VersionEvent> dated() {
    List<VersionEvent> facts = new ArrayList<>();
    for (Entry entry : versions.reversed()) {
      Instant time = entry.fact().time();
      if (!facts.isEmpty() && !time.isAfter(facts.getLast().time())) {
        time = facts.getLast().time().plusMillis(1);
      }
      facts.add(at(entry.fact(), time));
    }
    return facts;
  }

  static VersionEvent at(VersionEvent fact, Instant time) {
    return new VersionEvent(
        fact.key(),
        fact.versionId(),
        fact.kind(),
        time,
        fact.sequencer(),
        fact.etag(),
        fact.size(),
        fact.source());
  }
}
