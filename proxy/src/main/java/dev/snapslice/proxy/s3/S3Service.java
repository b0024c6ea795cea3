package dev.snapslice.proxy.s3;

import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Credentials;
import dev.snapslice.core.access.ForbiddenException;
import dev.snapslice.core.bucket.BucketClients;
import dev.snapslice.proxy.s3.Views.View;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * S3 as it was: answers every request, or says in S3's words why not. Thread-safe.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html">
 *     S3's operations</a>
 */
public final class S3Service {
  private static final Logger log = LoggerFactory.getLogger(S3Service.class);

  /** What else one may ask of a bucket or an object, that a view does not serve. */
  private static final List<String> SUBRESOURCES =
      List.of(
          "accelerate",
          "acl",
          "analytics",
          "attributes",
          "cors",
          "encryption",
          "intelligent-tiering",
          "inventory",
          "legal-hold",
          "lifecycle",
          "logging",
          "metrics",
          "notification",
          "object-lock",
          "ownershipControls",
          "policy",
          "policyStatus",
          "publicAccessBlock",
          "replication",
          "requestPayment",
          "retention",
          "torrent",
          "uploadId",
          "uploads",
          "website");

  private final Signatures signatures;
  private final Views views;
  private final VersionLists versions;
  private final Objects objects;
  private final Setting setting;

  /**
   * Where the service is.
   *
   * @param domain under which it is reached; names before it are buckets or specs
   * @param region that it says its buckets are in
   * @param settle how long an event may take to the queue
   */
  public record Setting(String domain, String region, Duration settle) {}

  S3Service(
      Signatures signatures, Views views, VersionLists versions, Objects objects, Setting setting) {
    this.signatures = signatures;
    this.views = views;
    this.versions = versions;
    this.objects = objects;
    this.setting = setting;
  }

  /** The service over an installation's tables. */
  public static S3Service of(
      Views.Sources sources,
      Credentials credentials,
      BucketClients clients,
      Setting setting,
      InstantSource clock) {
    return new S3Service(
        new Signatures(credentials::accessKey, clock),
        new Views(sources, setting.settle(), clock),
        new VersionLists(sources.index()),
        new Objects(clients),
        setting);
  }

  /** The answer to what is no HTTP, or no path that may be asked for. */
  public static S3Response unreadable(int status) {
    S3Error error = new S3Error(status, "BadRequest", "The request could not be read.");
    return S3Response.xml(status, document(error, "", requestId()));
  }

  private static String requestId() {
    return UUID.randomUUID().toString().replace("-", "").substring(0, 16);
  }

  /** Answers a request; what it cannot is an answer, too. */
  public S3Response answer(RawRequest raw) {
    String requestId = requestId();
    S3Response response;
    try {
      response = answerOrThrow(raw);
    } catch (S3Error e) {
      response = rendered(raw, e, requestId);
    } catch (ForbiddenException e) {
      response = rendered(raw, S3Error.denied(e.getMessage()), requestId);
    } catch (SdkException e) {
      log.warn("request={} an AWS service does not answer", requestId, e);
      S3Error error = S3Error.slowDown("Please reduce your request rate.", Duration.ofSeconds(1));
      response = rendered(raw, error, requestId);
    } catch (RuntimeException e) {
      log.error("request={} failed", requestId, e);
      S3Error error =
          new S3Error(500, "InternalError", "We encountered an internal error. Please try again.");
      response = rendered(raw, error, requestId);
    }
    return response.with("x-amz-request-id", requestId);
  }

  private S3Response answerOrThrow(RawRequest raw) {
    Caller caller = signatures.verify(raw);
    String host = raw.header("host").orElse("");
    Address address = Address.of(host, setting.domain(), raw.path(), views::registered);
    S3Request request = S3Request.of(raw, caller, address);
    boolean read = raw.method().equals("GET") || raw.method().equals("HEAD");
    if (!read) {
      throw List.of("PUT", "POST", "DELETE").contains(raw.method())
          ? S3Error.readOnly()
          : new S3Error(
              405,
              "MethodNotAllowed",
              "The specified method is not allowed against this resource.");
    }
    SUBRESOURCES.stream()
        .filter(request::has)
        .findFirst()
        .ifPresent(name -> {
          throw S3Error.notImplemented("'" + name + "'");
        });
    if (address.written().isEmpty()) {
      return Lists.buckets(views.all(caller));
    }
    return address.key().isEmpty() ? bucket(request) : object(request);
  }

  private S3Response bucket(S3Request request) {
    if (request.has("location")) {
      views.bucket(request.caller(), request.address().bucket());
      String region = setting.region().equals("us-east-1") ? "" : setting.region();
      return S3Response.xml(
          200, Xml.document("LocationConstraint").text(region).end("LocationConstraint"));
    }
    if (request.has("tagging")) {
      throw S3Error.notImplemented("'tagging' of buckets");
    }
    if (request.has("versioning")) {
      views.bucket(request.caller(), request.address().bucket());
      return S3Response.xml(
          200,
          Xml.document("VersioningConfiguration")
              .element("Status", "Enabled")
              .end("VersioningConfiguration"));
    }
    View view = views.open(request.caller(), request.address());
    if (request.isHead()) {
      return shown(S3Response.empty(200, Map.of("x-amz-bucket-region", setting.region())), view);
    }
    if (request.has("versions")) {
      return shown(versions.list(request, view), view);
    }
    boolean second = request.query("list-type").filter("2"::equals).isPresent();
    return shown(second ? Lists.objectsV2(request, view) : Lists.objectsV1(request, view), view);
  }

  private S3Response object(S3Request request) {
    View view = views.open(request.caller(), request.address());
    return shown(
        request.has("tagging") ? objects.tagging(request, view) : objects.read(request, view),
        view);
  }

  /** Says what moment this is, and how far the index is. */
  private static S3Response shown(S3Response response, View view) {
    S3Response dated = response.with("x-snapslice-as-of", view.asOf().toString());
    return view.bucket()
        .history()
        .indexedThrough()
        .map(Instant::toString)
        .map(through -> dated.with("x-snapslice-indexed-through", through))
        .orElse(dated);
  }

  private static S3Response rendered(RawRequest raw, S3Error error, String requestId) {
    S3Response answer =
        raw.method().equals("HEAD")
            ? S3Response.empty(error.status(), Map.of("content-length", "0"))
            : S3Response.xml(error.status(), document(error, raw.path(), requestId));
    return error
        .retryAfter()
        .map(after -> answer.with("retry-after", "" + after.toSeconds()))
        .orElse(answer);
  }

  private static String document(S3Error error, String resource, String requestId) {
    Xml xml = Xml.error().element("Code", error.code()).element("Message", error.getMessage());
    error.details().forEach(xml::element);
    return xml.element("Resource", resource).element("RequestId", requestId).end("Error");
  }
}
