package dev.snapslice.proxy.s3;

import dev.snapslice.proxy.view.ViewException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A request that is refused, as S3 says it.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html">S3 error
 *     responses</a>
 */
final class S3Error extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;
  private final Optional<Duration> retryAfter;
  private final transient Map<String, String> details;

  S3Error(int status, String code, String message) {
    this(status, code, message, Map.of());
  }

  private S3Error(int status, String code, String message, Map<String, String> details) {
    this(status, code, message, details, Optional.empty());
  }

  private S3Error(
      int status,
      String code,
      String message,
      Map<String, String> details,
      Optional<Duration> retryAfter) {
    super(message, null, false, false);
    this.status = status;
    this.code = code;
    this.details = details;
    this.retryAfter = retryAfter;
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }

  Optional<Duration> retryAfter() {
    return retryAfter;
  }

  /** Elements that S3 adds to errors of this code. */
  Map<String, String> details() {
    return details;
  }

  static S3Error invalid(String message) {
    return new S3Error(400, "InvalidArgument", message);
  }

  static S3Error of(ViewException e) {
    return switch (e.reason()) {
      case NO_SUCH_BUCKET, NO_SUCH_NAME ->
          new S3Error(404, "NoSuchBucket", e.getMessage(), Map.of("BucketName", e.bucket()));
      case INVALID -> invalid(e.getMessage());
      case NOT_YET -> slowDown(e.getMessage(), ViewException.RETRY);
    };
  }

  /** A parameter whose value means nothing. */
  static S3Error invalid(String message, String name, String value) {
    return new S3Error(
        400, "InvalidArgument", message, Map.of("ArgumentName", name, "ArgumentValue", value));
  }

  static S3Error invalidRequest(String message) {
    return new S3Error(400, "InvalidRequest", message);
  }

  static S3Error denied(String message) {
    return new S3Error(403, "AccessDenied", message);
  }

  static S3Error readOnly() {
    return denied("This view is read-only: write to the bucket itself.");
  }

  static S3Error notImplemented(String what) {
    return new S3Error(501, "NotImplemented", "A view of the past does not serve " + what + ".");
  }

  static S3Error noSuchKey(String key) {
    return new S3Error(404, "NoSuchKey", "The specified key does not exist.", Map.of("Key", key));
  }

  static S3Error noSuchVersion() {
    return new S3Error(404, "NoSuchVersion", "The view does not contain the specified version.");
  }

  static S3Error purged(Optional<Instant> when) {
    return new S3Error(
        404,
        "ObjectVersionPurged",
        "The version that the view shows was permanently removed"
            + when.map(at -> " at " + at).orElse("")
            + ".");
  }

  static S3Error preconditionFailed(String condition) {
    return new S3Error(
        412,
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
        Map.of("Condition", condition));
  }

  static S3Error invalidRange(String asked, long size) {
    return new S3Error(
        416,
        "InvalidRange",
        "The requested range is not satisfiable",
        Map.of("RangeRequested", asked, "ActualObjectSize", "" + size));
  }

  static S3Error slowDown(String message, Duration retryAfter) {
    return new S3Error(503, "SlowDown", message, Map.of(), Optional.of(retryAfter));
  }
}
