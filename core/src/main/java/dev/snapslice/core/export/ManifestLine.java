package dev.snapslice.core.export;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.snapslice.core.export.ExportRequest.Format;
import dev.snapslice.core.index.ListItem.Entry;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.version.Version;
import java.time.Instant;
import java.util.Optional;

/** One entry of a view, as a line of a manifest. */
record ManifestLine(
    String key,
    @JsonProperty("version_id") String versionId,
    long size,
    String etag,
    @JsonProperty("last_modified") Instant lastModified,
    boolean purged) {
  private static final String UNRESERVED = "-._~/";

  /** Empty where the format leaves the entry out: S3 Batch Operations fails on purged versions. */
  static Optional<String> of(String bucket, Entry entry, Format format) {
    Version version = entry.version();
    return switch (format) {
      case CSV ->
          entry.purged()
              ? Optional.empty()
              : Optional.of(
                  bucket + "," + encoded(version.key().value()) + "," + version.versionId() + "\n");
      case JSON_LINES ->
          Optional.of(
              Json.write(
                      new ManifestLine(
                          version.key().value(),
                          version.versionId(),
                          version.size(),
                          version.etag(),
                          version.created(),
                          entry.purged()))
                  + "\n");
    };
  }

  /**
   * Percent-encoded, as S3 Batch Operations wants keys.
   *
   * @see <a
   *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-create-job.html#specify-batchjob-manifest">Manifests</a>
   */
  static String encoded(String key) {
    StringBuilder text = new StringBuilder();
    for (byte b : key.getBytes(UTF_8)) {
      char c = (char) (b & 0xff);
      if ((c < 0x80 && Character.isLetterOrDigit(c)) || UNRESERVED.indexOf(c) >= 0) {
        text.append(c);
      } else {
        text.append("%%%02X".formatted((int) c));
      }
    }
    return text.toString();
  }
}
