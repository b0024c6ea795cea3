package dev.snapslice.ingest;

import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.time.Instant;
import java.util.Optional;

/**
 * What both forms of an event have in common: an object, what happened to it, when, and who says
 * so.
 */
record Told(Fields object, Kind kind, Instant time, Source source) {

  /**
   * The fact, all its values checked. An event without a version id is about the null version: the
   * bucket's versioning was off or suspended. Only a created version has an ETag and a size of its
   * own (S3 sends those of an empty object for a delete marker).
   */
  Parsed.Fact fact(String bucket, String key, Optional<String> versionId, Optional<String> etag) {
    if (!bucket.matches("[A-Za-z0-9._-]{3,255}")) {
      throw new MalformedMessageException("the event names no bucket that S3 could hold");
    }
    boolean created = kind == Kind.CREATED;
    String sequencer = object.text("sequencer").orElse("");
    long size = created ? object.size("size") : 0;
    try {
      return new Parsed.Fact(
          bucket,
          new VersionEvent(
              new ObjectKey(key),
              versionId.orElse(VersionEvent.NULL_VERSION),
              kind,
              time,
              sequencer,
              created ? etag.map(Told::unquoted).orElse("") : "",
              size,
              source));
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException(object.place() + ": " + e.getMessage(), e);
    }
  }

  private static String unquoted(String etag) {
    return etag.length() > 1 && etag.startsWith("\"") && etag.endsWith("\"")
        ? etag.substring(1, etag.length() - 1)
        : etag;
  }
}
