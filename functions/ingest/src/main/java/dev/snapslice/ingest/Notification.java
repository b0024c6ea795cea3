package dev.snapslice.ingest;

import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.util.Optional;

/**
 * One record of an S3 event notification.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html">Event
 *     message structure</a>
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html">Event
 *     types</a>
 */
final class Notification {
  private Notification() {}

  static Parsed parse(Fields record) {
    String name = record.required("eventName");
    // S3 leaves out the prefix that its own configuration has, MinIO does not.
    Optional<Kind> kind = kind(name.startsWith("s3:") ? name.substring(3) : name);
    if (kind.isEmpty()) {
      return new Parsed.Ignored(name);
    }
    Fields s3 = record.within("s3");
    Fields object = s3.within("object");
    if (record.text("eventSource").filter("minio:s3"::equals).isPresent()) {
      // MinIO leaves out the size of an empty object.
      object = object.orZero("size");
    }
    return new Told(object, kind.get(), record.time("eventTime"), Source.EVENT)
        .fact(
            s3.within("bucket").required("name"),
            FormEncoding.decode(object.at("key"), object.required("key")),
            object.text("versionId"),
            object.text("eTag"));
  }

  /**
   * What an event says of a version. Tags, storage classes, restores and replication are not
   * history, and MinIO tells of tags and retention as ObjectCreated:PutTagging and the like: only
   * the names that make a version count.
   */
  private static Optional<Kind> kind(String name) {
    return switch (name) {
      case "ObjectCreated:Put",
          "ObjectCreated:Post",
          "ObjectCreated:Copy",
          "ObjectCreated:CompleteMultipartUpload" ->
          Optional.of(Kind.CREATED);
      case "ObjectRemoved:DeleteMarkerCreated", "LifecycleExpiration:DeleteMarkerCreated" ->
          Optional.of(Kind.MARKER);
      case "ObjectRemoved:Delete", "LifecycleExpiration:Delete" -> Optional.of(Kind.REMOVED);
      default -> Optional.empty();
    };
  }
}
