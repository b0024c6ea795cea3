package dev.snapslice.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.ForbiddenException;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.index.IndexBusyException;
import dev.snapslice.core.index.UnknownBucketException;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.label.Labels;
import dev.snapslice.core.time.InvalidSpecException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;

/**
 * Why a request was refused; thrown by whoever finds out and rendered here.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9457">Problem details</a>
 */
final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final String RETRY_SECONDS = "5";

  private final int status;
  private final String type;
  private final String title;
  private final List<String> purged;

  private Problem(int status, String type, String title, String detail, List<String> purged) {
    super(detail);
    this.status = status;
    this.type = type;
    this.title = title;
    this.purged = List.copyOf(purged);
  }

  private Problem(int status, String type, String title, String detail) {
    this(status, type, title, detail, List.of());
  }

  static Problem invalid(String detail) {
    return new Problem(400, "invalid-request", "The request cannot be read", detail);
  }

  static Problem unauthorized() {
    return new Problem(401, "unauthorized", "Nobody knows who you are", "no valid credentials");
  }

  static Problem forbidden(String detail) {
    return new Problem(403, "forbidden", "You may not do that", detail);
  }

  static Problem notFound(String detail) {
    return new Problem(404, "not-found", "There is no such thing", detail);
  }

  static Problem conflict(String detail) {
    return new Problem(409, "conflict", "That does not fit the present state", detail);
  }

  /** A restore cannot bring back all. */
  static Problem purged(List<String> keys) {
    return new Problem(
        409,
        "purged",
        "Versions are gone",
        "versions that the restore needs were permanently removed",
        keys);
  }

  static Problem gone(String detail) {
    return new Problem(410, "object-version-purged", "The bytes are gone", detail);
  }

  static Problem tooLarge(String detail) {
    return new Problem(413, "too-large", "The request is too large", detail);
  }

  static Problem unavailable(String detail) {
    return new Problem(503, "unavailable", "Try again later", detail);
  }

  /** What the domain's refusals mean here; empty for a fault of ours. */
  static Optional<Problem> of(RuntimeException thrown) {
    return switch (thrown) {
      case Problem problem -> Optional.of(problem);
      case InvalidSpecException e -> Optional.of(invalid(e.getMessage()));
      case ForbiddenException e -> Optional.of(forbidden(e.getMessage()));
      case BucketCatalog.UnknownBucketException e ->
          Optional.of(new Problem(404, "unknown-bucket", "No such bucket", e.getMessage()));
      case UnknownBucketException e ->
          Optional.of(new Problem(409, "not-enabled", "The bucket has no history", e.getMessage()));
      case BucketCatalog.StaleBucketException e -> Optional.of(conflict(e.getMessage()));
      case Labels.NameTakenException e -> Optional.of(conflict(e.getMessage()));
      case IndexBusyException e -> Optional.of(unavailable(e.getMessage()));
      case SdkException e when transientFault(e) ->
          Optional.of(unavailable("a service that this needs is busy"));
      default -> Optional.empty();
    };
  }

  private static boolean transientFault(SdkException e) {
    return switch (e) {
      case SdkServiceException s -> s.isThrottlingException() || s.statusCode() >= 500;
      case SdkClientException c -> true;
      default -> false;
    };
  }

  /** Tells nothing of the fault, which is logged. */
  static Problem fault() {
    return new Problem(500, "fault", "That is our fault", "it was logged");
  }

  Answer answer() {
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.put("type", "urn:snapslice:problem:" + type);
    body.put("title", title);
    body.put("status", status);
    body.put("detail", getMessage());
    if (!purged.isEmpty()) {
      purged.forEach(body.putArray("purged")::add);
    }
    Answer answer =
        new Answer(
            status,
            Map.of("content-type", "application/problem+json", "cache-control", "no-store"),
            Json.write(body));
    return status == 503 ? answer.with("retry-after", RETRY_SECONDS) : answer;
  }
}
