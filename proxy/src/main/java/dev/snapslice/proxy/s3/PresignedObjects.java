package dev.snapslice.proxy.s3;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.bucket.PresignedUrls;
import dev.snapslice.core.job.FanOut;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.version.Version;
import dev.snapslice.proxy.http.RawRequest.Parameter;
import dev.snapslice.proxy.http.Response;
import dev.snapslice.proxy.view.Views.View;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;

/**
 * Our own operation: URLs by which S3 itself answers the versions that a view shows of some keys,
 * for readers of so much that it should not pass us. Thread-safe.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/ShareObjectPreSignedURL.html">
 *     Presigned URLs</a>
 */
final class PresignedObjects {
  /**
   * Asks for it, in the query of a bucket or of an object; the answer has a header of that name.
   */
  static final String PARAMETER = "x-snapslice-urls";

  private static final int MOST_KEYS = 100;

  /** They cannot be recalled. */
  private static final Duration LASTING = Duration.ofMinutes(5);

  private static final int LOOKUPS_AT_ONCE = 32;

  private final Objects objects;
  private final PresignedUrls presigned;
  private final InstantSource clock;

  PresignedObjects(Objects objects, PresignedUrls presigned, InstantSource clock) {
    this.objects = objects;
    this.presigned = presigned;
    this.clock = clock;
  }

  /** The keys that a request names: that of its path, and those of its query. */
  static List<String> keys(S3Request request) {
    Stream<String> named =
        request.raw().parameters().stream()
            .filter(parameter -> parameter.name().equals("key"))
            .map(Parameter::value);
    List<String> keys =
        Stream.concat(Stream.of(request.address().key()), named)
            .filter(key -> !key.isEmpty())
            .distinct()
            .toList();
    if (keys.isEmpty() || keys.size() > MOST_KEYS) {
      throw S3Error.invalidRequest("Want 1 to %d keys, not %d.".formatted(MOST_KEYS, keys.size()));
    }
    return keys;
  }

  /** A URL for each key that may be read, and an error for each that may not. */
  Response urls(S3Request request, View view, List<String> keys) {
    ObjectNode answer = Json.MAPPER.createObjectNode();
    answer.put("view", request.address().spec().orElse("now"));
    new FanOut(LOOKUPS_AT_ONCE)
        .map(keys, key -> object(request, view, key))
        .forEach(answer.withArray("objects")::add);
    return Response.json(200, answer.toString())
        .with(PARAMETER, "" + keys.size())
        .with("cache-control", "no-store");
  }

  private ObjectNode object(S3Request request, View view, String key) {
    ObjectNode object = Json.MAPPER.createObjectNode().put("key", key);
    try {
      Version version = objects.version(request, view, key);
      object.put("versionId", version.versionId());
      object.put("size", version.size());
      object.put("etag", version.etag());
      put(object, presigned.get(view.bucket(), version, lasting(request)));
    } catch (S3Error e) {
      object
          .putObject("error")
          .put("status", e.status())
          .put("code", e.code())
          .put("message", e.getMessage());
    }
    return object;
  }

  private void put(ObjectNode object, PresignedUrls.Signed signed) {
    object.put("url", signed.url());
    ObjectNode headers = object.putObject("headers");
    signed.headers().forEach(headers::put);
    object.put("expires", signed.expires().toString());
    // For readers whose clock is not ours.
    Duration left = Duration.between(clock.instant(), signed.expires());
    object.put("expiresInSeconds", Math.max(0, left.toSeconds()));
  }

  /** No longer than the access key itself. */
  private Duration lasting(S3Request request) {
    Instant now = clock.instant();
    return request
        .caller()
        .grant()
        .expires()
        .map(end -> Duration.between(now, end))
        .filter(left -> left.compareTo(LASTING) < 0)
        .orElse(LASTING);
  }
}
