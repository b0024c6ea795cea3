package dev.snapslice.proxy.webhdfs;

import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.version.Version;
import dev.snapslice.proxy.origin.Origin;
import java.time.Instant;
import java.util.Map;

/**
 * The exact version that a file is, as a data URL names it: enough to read it without the index.
 *
 * @param etag without quotes
 * @param size in bytes
 * @param end when the URL ends
 */
record StoredFile(
    String bucket, String key, String versionId, String etag, long size, Instant end) {

  static StoredFile of(String bucket, Version version, Instant end) {
    return new StoredFile(
        bucket, version.key().value(), version.versionId(), version.etag(), version.size(), end);
  }

  /** Reads the bytes of [from, to), which are not none. */
  Origin.Read read(Bucket in, long from, long to) {
    Map<String, String> range =
        from == 0 && to == size ? Map.of() : Map.of("range", "bytes=" + from + "-" + (to - 1));
    return new Origin.Read(in, key, versionId, etag, range, Map.of());
  }
}
