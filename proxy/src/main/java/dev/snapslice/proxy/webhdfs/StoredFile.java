package dev.snapslice.proxy.webhdfs;

import dev.snapslice.core.version.Version;
import dev.snapslice.core.version.VersionEvent;
import java.time.Instant;
import java.util.Optional;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;

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

  /** {@code null} names whatever the null version is by now: it must be the one that we know. */
  Optional<String> ifMatch() {
    return versionId.equals(VersionEvent.NULL_VERSION)
        ? Optional.of('"' + etag + '"')
        : Optional.empty();
  }

  /** Asks S3 for the bytes of [from, to), which are not none. */
  GetObjectRequest get(long from, long to) {
    return GetObjectRequest.builder()
        .bucket(bucket)
        .key(key)
        .versionId(versionId)
        .ifMatch(ifMatch().orElse(null))
        .range(from == 0 && to == size ? null : "bytes=" + from + "-" + (to - 1))
        .build();
  }
}
