package dev.snapslice.core.version;

import java.time.Instant;
import java.util.Optional;

/**
 * One object version or delete marker, alive in [{@code created}, {@code removed}).
 *
 * @param key whose version it is
 * @param versionId S3's version id; {@code "null"} for the null version
 * @param deleteMarker whether it hides the key instead of holding bytes
 * @param created when it became visible
 * @param sequencer orders versions of one key within a millisecond
 * @param etag without quotes; empty for delete markers
 * @param size in bytes
 * @param source who told when it was created
 * @param removed when it was permanently deleted, if that is known to have happened
 */
public record Version(
    ObjectKey key,
    String versionId,
    boolean deleteMarker,
    Instant created,
    String sequencer,
    String etag,
    long size,
    VersionEvent.Source source,
    Optional<Instant> removed) {

  /** Whether this version was already created and not yet removed at {@code moment}. */
  public boolean aliveAt(Instant moment) {
    return !created.isAfter(moment) && removed.map(moment::isBefore).orElse(true);
  }
}
