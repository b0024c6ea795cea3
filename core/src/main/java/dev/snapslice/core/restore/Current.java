package dev.snapslice.core.restore;

import static dev.snapslice.core.version.VersionEvent.NULL_VERSION;

import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;

/**
 * The newest version of a key, as S3 itself says.
 *
 * @param etag without quotes; empty for a delete marker
 */
record Current(
    String versionId, boolean deleteMarker, String etag, long size, Instant lastModified) {

  /**
   * Asks for the key's first version: S3 lists by key, then newest first.
   *
   * @see <a
   *     href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html">ListObjectVersions</a>
   */
  static Optional<Current> of(S3Client s3, String bucket, ObjectKey key) {
    ListObjectVersionsResponse first =
        s3.listObjectVersions(r -> r.bucket(bucket).prefix(key.value()).maxKeys(1));
    return Stream.concat(
            first.versions().stream()
                .filter(v -> v.isLatest() && v.key().equals(key.value()))
                .map(v ->
                    new Current(
                        named(v.versionId()),
                        false,
                        v.eTag().replace("\"", ""),
                        v.size(),
                        v.lastModified())),
            first.deleteMarkers().stream()
                .filter(m -> m.isLatest() && m.key().equals(key.value()))
                .map(m -> new Current(named(m.versionId()), true, "", 0, m.lastModified())))
        .findFirst();
  }

  private static String named(String versionId) {
    return versionId == null || versionId.isEmpty() ? NULL_VERSION : versionId;
  }

  /** Whether this is the version that the index knows. The null version is known by its ETag. */
  boolean is(Version version) {
    return versionId.equals(version.versionId())
        && deleteMarker == version.deleteMarker()
        && (deleteMarker || !versionId.equals(NULL_VERSION) || etag.equals(version.etag()));
  }

  /** Whether it holds the same bytes. */
  boolean hasContentOf(Version version) {
    return !deleteMarker && etag.equals(version.etag()) && size == version.size();
  }
}
