package dev.snapslice.proxy.s3;

import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Credential;
import dev.snapslice.core.access.ForbiddenException;
import dev.snapslice.core.bucket.PresignedUrls;
import dev.snapslice.core.uri.MalformedUriException;
import dev.snapslice.core.view.Address;
import dev.snapslice.proxy.http.RawRequest;
import dev.snapslice.proxy.http.Response;
import dev.snapslice.proxy.view.Parts;
import dev.snapslice.proxy.view.ViewException;
import dev.snapslice.proxy.view.Views;
import dev.snapslice.proxy.view.Views.View;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
  private static final Set<String> SUBRESOURCES =
      Set.of(
          "accelerate",
          "acl",
          "analytics",
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
  private final BucketLists buckets;
  private final VersionLists versions;
  private final Objects objects;
  private final PresignedObjects presigned;
  private final Setting setting;

  /**
   * Where the service is.
   *
   * @param domain under which it is reached; names before it are buckets or specs
   * @param region that it says its buckets are in
   * @param labelsAsBuckets whether lists of buckets show labels, too
   */
  public record Setting(String domain, String region, boolean labelsAsBuckets) {}

  public S3Service(Parts parts, Setting setting, InstantSource clock) {
    this.signatures =
        new Signatures(id -> parts.credentials().find(Credential.Kind.ACCESS_KEY, id), clock);
    this.views = parts.views();
    this.buckets = new BucketLists(views, setting.region(), setting.labelsAsBuckets());
    this.versions = new VersionLists(parts.index());
    this.objects = new Objects(parts.clients(), parts.origin(), parts.missing());
    this.presigned =
        new PresignedObjects(objects, new PresignedUrls(parts.clients(), clock), clock);
    this.setting = setting;
  }

  /** The answer to what is no HTTP, or no path that may be asked for. */
  public static Response unreadable(int status) {
    S3Error error = new S3Error(status, "BadRequest", "The request could not be read.");
    return Response.xml(status, document(error, "", requestId()));
  }

  private static String requestId() {
    return UUID.randomUUID().toString().replace("-", "").substring(0, 16);
  }

  /** Answers a request; what it cannot is an answer, too. */
  public Response answer(RawRequest raw) {
    String requestId = requestId();
    Response response;
    try {
      response = answerOrThrow(raw);
    } catch (S3Error e) {
      response = rendered(raw, e, requestId);
    } catch (MalformedUriException e) {
      response = rendered(raw, new S3Error(400, "InvalidURI", e.getMessage()), requestId);
    } catch (ViewException e) {
      response = rendered(raw, S3Error.of(e), requestId);
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

  private Response answerOrThrow(RawRequest raw) {
    Caller caller = signatures.verify(raw);
    String host = raw.header("host").orElse("");
    Address address = Address.of(host, setting.domain(), raw.path(), views::registered);
    raw.audit().of(address.bucket(), address.spec(), address.key());
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
    request.query().keySet().stream()
        .filter(SUBRESOURCES::contains)
        .findFirst()
        .ifPresent(name -> {
          throw S3Error.notImplemented("'" + name + "'");
        });
    if (address.written().isEmpty()) {
      raw.audit().operation("ListBuckets");
      return buckets.list(request);
    }
    if (request.has(PresignedObjects.PARAMETER)) {
      return presigned(request);
    }
    return address.key().isEmpty() ? bucket(request) : object(request);
  }

  private Response presigned(S3Request request) {
    request.raw().audit().operation("PresignObjects");
    List<String> keys = PresignedObjects.keys(request);
    request.raw().audit().keys(keys);
    View view = views.open(request.caller(), request.address());
    return shown(presigned.urls(request, view, keys), view);
  }

  private Response bucket(S3Request request) {
    String operation = bucketOperation(request);
    request.raw().audit().operation(operation);
    return switch (operation) {
      case "GetBucketLocation" -> location(request);
      case "GetBucketVersioning" -> versioning(request);
      case "GetBucketTagging" -> throw S3Error.notImplemented("'tagging' of buckets");
      default -> {
        View view = views.open(request.caller(), request.address());
        yield shown(inView(operation, request, view), view);
      }
    };
  }

  private static String bucketOperation(S3Request request) {
    if (request.has("location")) {
      return "GetBucketLocation";
    }
    if (request.has("tagging")) {
      return "GetBucketTagging";
    }
    if (request.has("versioning")) {
      return "GetBucketVersioning";
    }
    if (request.isHead()) {
      return "HeadBucket";
    }
    if (request.has("versions")) {
      return "ListObjectVersions";
    }
    boolean second = request.query("list-type").filter("2"::equals).isPresent();
    return second ? "ListObjectsV2" : "ListObjects";
  }

  private Response location(S3Request request) {
    views.bucket(request.caller(), request.address().bucket());
    String region = setting.region().equals("us-east-1") ? "" : setting.region();
    return Response.xml(
        200, Xml.document("LocationConstraint").text(region).end("LocationConstraint"));
  }

  private Response versioning(S3Request request) {
    views.bucket(request.caller(), request.address().bucket());
    return Response.xml(
        200,
        Xml.document("VersioningConfiguration")
            .element("Status", "Enabled")
            .end("VersioningConfiguration"));
  }

  private Response inView(String operation, S3Request request, View view) {
    return switch (operation) {
      case "HeadBucket" -> Response.empty(200, Map.of("x-amz-bucket-region", setting.region()));
      case "ListObjectVersions" -> versions.list(request, view);
      case "ListObjectsV2" -> Lists.objectsV2(request, view);
      default -> Lists.objectsV1(request, view);
    };
  }

  private Response object(S3Request request) {
    String operation = objectOperation(request);
    request.raw().audit().operation(operation);
    View view = views.open(request.caller(), request.address());
    Response answer =
        switch (operation) {
          case "GetObjectAttributes" -> objects.attributes(request, view);
          case "GetObjectTagging" -> objects.tagging(request, view);
          default -> objects.read(request, view);
        };
    return shown(answer, view);
  }

  private static String objectOperation(S3Request request) {
    if (request.isHead()) {
      return "HeadObject";
    }
    if (request.has("attributes")) {
      return "GetObjectAttributes";
    }
    return request.has("tagging") ? "GetObjectTagging" : "GetObject";
  }

  /** Says what moment this is, and how far the index is. */
  private static Response shown(Response response, View view) {
    Response known = response.with("x-snapslice-as-of", view.asOf().toString());
    Response dated =
        view.bucket()
            .historySince()
            .filter(view.asOf()::isBefore)
            .map(since -> known.with("x-snapslice-history-since", since.toString()))
            .orElse(known);
    return view.bucket()
        .history()
        .indexedThrough()
        .map(Instant::toString)
        .map(through -> dated.with("x-snapslice-indexed-through", through))
        .orElse(dated);
  }

  private static Response rendered(RawRequest raw, S3Error error, String requestId) {
    Response answer =
        raw.method().equals("HEAD")
            ? Response.empty(error.status(), Map.of("content-length", "0"))
            : Response.xml(error.status(), document(error, raw.path(), requestId));
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
