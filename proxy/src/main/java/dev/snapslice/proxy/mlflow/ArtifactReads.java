package dev.snapslice.proxy.mlflow;

import dev.snapslice.core.artifact.ArtifactPath;
import dev.snapslice.core.artifact.ArtifactStore;
import dev.snapslice.proxy.http.RawRequest;
import dev.snapslice.proxy.http.Response;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Artifacts out of S3. Thread-safe. */
final class ArtifactReads {
  private static final int NOT_MODIFIED = 304;
  private static final int PARTIAL = 206;
  private static final int UNSATISFIABLE = 416;
  private static final int MISSING = 404;

  private final ArtifactStore store;

  ArtifactReads(ArtifactStore store) {
    this.store = store;
  }

  /**
   * An artifact, or a range of it, as a file to be saved: no browser runs it under our host.
   *
   * @throws RefusedException if there is none
   */
  Response read(RawRequest request, ArtifactPath path) {
    ResponseInputStream<GetObjectResponse> found;
    try {
      found = open(request, path);
    } catch (S3Exception e) {
      return switch (e.statusCode()) {
        case MISSING -> throw RefusedException.missing(path.text());
        case NOT_MODIFIED -> Response.empty(NOT_MODIFIED, Map.of());
        case UNSATISFIABLE -> Response.empty(UNSATISFIABLE, Map.of("content-length", "0"));
        default -> throw e;
      };
    }
    if (request.method().equals("HEAD")) {
      found.abort();
    }
    GetObjectResponse about = found.response();
    Map<String, String> headers = new HashMap<>();
    headers.put("content-type", path.contentType());
    headers.put("content-disposition", path.disposition());
    headers.put("x-content-type-options", "nosniff");
    headers.put("cache-control", "no-cache");
    headers.put("accept-ranges", "bytes");
    headers.put("content-length", "" + about.contentLength());
    headers.put("etag", about.eTag());
    headers.put(
        "last-modified",
        DateTimeFormatter.RFC_1123_DATE_TIME.format(about.lastModified().atOffset(ZoneOffset.UTC)));
    Optional<String> range = Optional.ofNullable(about.contentRange());
    range.ifPresent(value -> headers.put("content-range", value));
    return new Response(range.isPresent() ? PARTIAL : 200, headers, found);
  }

  private ResponseInputStream<GetObjectResponse> open(RawRequest request, ArtifactPath path) {
    return store
        .s3()
        .getObject(r -> {
          r.bucket(store.place().bucket()).key(store.place().key(path));
          request.header("range").filter(range -> range.startsWith("bytes=")).ifPresent(r::range);
          request.header("if-none-match").ifPresent(r::ifNoneMatch);
        });
  }
}
