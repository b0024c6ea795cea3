package dev.snapslice.proxy.s3;

import dev.snapslice.core.bucket.BucketClients;
import dev.snapslice.core.index.Lookup;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.proxy.http.Response;
import dev.snapslice.proxy.origin.Origin;
import dev.snapslice.proxy.s3.Conditions.Verdict;
import dev.snapslice.proxy.view.MissingVersions;
import dev.snapslice.proxy.view.Views.View;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.model.GetObjectTaggingResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.Tag;

/**
 * Reads of one key: which version the view shows, by the index; its bytes and its other headers, by
 * S3, whose answer on a read is the truth about what is still there.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html">GetObject</a>
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html">HeadObject</a>
 */
final class Objects {
  private static final DateTimeFormatter HTTP_TIME =
      DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  /** S3's headers of one connection or request, and those that the index knows better. */
  private static final Set<String> OURS =
      Set.of(
          "connection",
          "keep-alive",
          "transfer-encoding",
          "date",
          "server",
          "last-modified",
          "x-amz-id-2",
          "x-amz-request-id");

  /** A checksum, a payer, and the key that an object is encrypted with. */
  private static final List<String> PASSED_ON =
      List.of(
          "x-amz-checksum-mode",
          "x-amz-request-payer",
          "x-amz-server-side-encryption-customer-algorithm",
          "x-amz-server-side-encryption-customer-key",
          "x-amz-server-side-encryption-customer-key-md5");

  private static final List<String> ASKED_OF_ATTRIBUTES =
      List.of("x-amz-object-attributes", "x-amz-max-parts", "x-amz-part-number-marker");

  private static final int MOST_PARTS = 10_000;

  private final BucketClients clients;
  private final Origin origin;
  private final MissingVersions missing;

  Objects(BucketClients clients, Origin origin, MissingVersions missing) {
    this.clients = clients;
    this.origin = origin;
    this.missing = missing;
  }

  /** GetObject, or HeadObject. */
  Response read(S3Request request, View view) {
    Version version = version(request, view);
    Verdict verdict = Conditions.judge(request, version);
    if (verdict == Verdict.FAILED) {
      throw S3Error.preconditionFailed(
          request.header("if-match").isPresent() ? "If-Match" : "If-Unmodified-Since");
    }
    long asked = System.nanoTime();
    try {
      if (verdict == Verdict.NOT_MODIFIED) {
        return unchanged(whole(request, view, version), version);
      }
      Origin.Read read = selected(request, view, version);
      return request.isHead() ? head(request, read, version) : get(request, read, version);
    } catch (S3Exception e) {
      throw refused(e, view, version);
    } finally {
      request.raw().audit().upstream(Duration.ofNanos(System.nanoTime() - asked));
    }
  }

  /**
   * What S3 tells of the version besides its bytes; the parts are those that it was uploaded in.
   */
  Response attributes(S3Request request, View view) {
    Version version = version(request, view);
    Origin.Read read = whole(request, view, version);
    read.query().put("attributes", "");
    for (String name : ASKED_OF_ATTRIBUTES) {
      request.header(name).ifPresent(value -> read.headers().put(name, value));
    }
    try {
      Origin.Answer answer = origin.get(read);
      Map<String, String> headers = headers(answer.http(), request, version);
      return new Response(answer.http().statusCode(), headers, answer.body()).without("etag");
    } catch (S3Exception e) {
      throw refused(e, view, version);
    }
  }

  /** What the version that the view shows is tagged with today: tags have no history. */
  Response tagging(S3Request request, View view) {
    Version version = version(request, view);
    try {
      GetObjectTaggingResponse answer =
          clients
              .s3(view.bucket())
              .getObjectTagging(r ->
                  r.bucket(view.bucket().name())
                      .key(version.key().value())
                      .versionId(version.versionId()));
      Xml xml = Xml.document("Tagging").open("TagSet");
      for (Tag tag : answer.tagSet()) {
        xml.open("Tag").element("Key", tag.key()).element("Value", tag.value()).close("Tag");
      }
      return Response.xml(200, xml.close("TagSet").end("Tagging"))
          .with("x-amz-version-id", version.versionId());
    } catch (S3Exception e) {
      throw refused(e, view, version);
    }
  }

  private Version version(S3Request request, View view) {
    Version version = version(request, view, request.address().key());
    if (request.query("versionId").filter(id -> !id.equals(version.versionId())).isPresent()) {
      throw S3Error.noSuchVersion();
    }
    return version;
  }

  /** The version that the view shows of a key, if the caller may read it and it is still there. */
  Version version(S3Request request, View view, String name) {
    ObjectKey key = key(name);
    if (!key.value().startsWith(request.caller().grant().prefix())) {
      throw S3Error.denied("You may not read keys outside of your prefix.");
    }
    if (!key.value().startsWith(view.prefix())) {
      throw S3Error.noSuchKey(key.value());
    }
    return switch (view.objects().lookup(key)) {
      case Lookup.Found(Version found) -> found;
      case Lookup.Purged(Version gone, Instant at) -> throw S3Error.purged(Optional.of(at));
      case Lookup.Deleted deleted -> throw S3Error.noSuchKey(key.value());
      case Lookup.Absent absent -> throw S3Error.noSuchKey(key.value());
    };
  }

  private static ObjectKey key(String text) {
    try {
      return new ObjectKey(text);
    } catch (IllegalArgumentException e) {
      throw new S3Error(400, "KeyTooLongError", e.getMessage());
    }
  }

  private Response get(S3Request request, Origin.Read read, Version version) {
    Origin.Answer answer = origin.get(read);
    return new Response(
        answer.http().statusCode(), headers(answer.http(), request, version), answer.body());
  }

  private Response head(S3Request request, Origin.Read read, Version version) {
    SdkHttpResponse answer = origin.head(read);
    return Response.empty(answer.statusCode(), headers(answer, request, version));
  }

  /** A version that the reader has: what a cache has to know of it, and nothing of its body. */
  private Response unchanged(Origin.Read read, Version version) {
    SdkHttpResponse answer = origin.head(read);
    Map<String, String> headers = new LinkedHashMap<>(shown(version));
    for (String name : List.of("cache-control", "expires")) {
      answer.firstMatchingHeader(name).ifPresent(value -> headers.put(name, value));
    }
    return Response.empty(304, headers);
  }

  /** A read of how much of a version is asked for. */
  private static Origin.Read selected(S3Request request, View view, Version version) {
    Optional<String> partNumber = partNumber(request);
    Optional<String> range = request.header("range");
    if (partNumber.isPresent() && range.isPresent()) {
      throw S3Error.invalidRequest(
          "Cannot specify both Range header and partNumber query parameter");
    }
    Origin.Read read = whole(request, view, version);
    partNumber.ifPresent(number -> read.query().put("partNumber", number));
    range
        .flatMap(text -> ByteRange.of(text, version.size()))
        .ifPresent(bytes -> read.headers().put("range", bytes.toString()));
    return read;
  }

  /** A read of all of a version, with what S3 has to be told besides which one it is. */
  private static Origin.Read whole(S3Request request, View view, Version version) {
    Map<String, String> headers = new HashMap<>();
    for (String name : PASSED_ON) {
      request.header(name).ifPresent(value -> headers.put(name, value));
    }
    return new Origin.Read(
        view.bucket(),
        version.key().value(),
        version.versionId(),
        version.etag(),
        headers,
        new HashMap<>());
  }

  private static Optional<String> partNumber(S3Request request) {
    return request
        .query("partNumber")
        .map(text -> {
          int number = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
          if (number < 1 || number > MOST_PARTS) {
            throw S3Error.invalid(
                "Part number must be an integer between 1 and 10000, inclusive",
                "partNumber",
                text);
          }
          return text;
        });
  }

  private static Map<String, String> headers(
      SdkHttpResponse answer, S3Request request, Version version) {
    Map<String, String> headers = new LinkedHashMap<>();
    answer
        .headers()
        .forEach((name, values) -> {
          String lower = name.toLowerCase(Locale.ROOT);
          if (!OURS.contains(lower)) {
            headers.put(lower, String.join(",", values));
          }
        });
    headers.putAll(shown(version));
    overrides(request, headers);
    return headers;
  }

  /** What lists show of a version, too. */
  private static Map<String, String> shown(Version version) {
    return Map.of(
        "etag", '"' + version.etag() + '"',
        "last-modified", HTTP_TIME.format(version.created().truncatedTo(ChronoUnit.SECONDS)),
        "x-amz-version-id", version.versionId());
  }

  private static void overrides(S3Request request, Map<String, String> headers) {
    for (String name :
        List.of(
            "cache-control",
            "content-disposition",
            "content-encoding",
            "content-language",
            "content-type",
            "expires")) {
      request
          .nonEmpty("response-" + name)
          .ifPresent(value -> headers.put(name, value.replaceAll("[\\r\\n]", " ")));
    }
  }

  private S3Error refused(S3Exception e, View view, Version version) {
    boolean changedNull =
        e.statusCode() == 412 && version.versionId().equals(VersionEvent.NULL_VERSION);
    if (e.statusCode() == 404 || changedNull) {
      missing.tell(view.bucket().name(), version.key());
      return S3Error.purged(version.removed());
    }
    String code = e.awsErrorDetails() == null ? "" : e.awsErrorDetails().errorCode();
    if (e.statusCode() >= 500) {
      return S3Error.slowDown("S3 does not answer.", Duration.ofSeconds(1));
    }
    String message = e.awsErrorDetails() == null ? "" : e.awsErrorDetails().errorMessage();
    return new S3Error(e.statusCode(), code == null || code.isEmpty() ? named(e) : code, message);
  }

  /** A HEAD has no body that could name the error. */
  private static String named(S3Exception e) {
    return switch (e.statusCode()) {
      case 403 -> "AccessDenied";
      case 416 -> "InvalidRange";
      default -> "BadRequest";
    };
  }
}
