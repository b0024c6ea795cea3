package dev.snapslice.proxy.webhdfs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.CancelledTokens;
import dev.snapslice.core.access.ForbiddenException;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.uri.MalformedUriException;
import dev.snapslice.proxy.access.Holder;
import dev.snapslice.proxy.access.Seals;
import dev.snapslice.proxy.http.RawRequest;
import dev.snapslice.proxy.http.Response;
import dev.snapslice.proxy.view.Parts;
import dev.snapslice.proxy.view.ViewException;
import dev.snapslice.proxy.view.Views;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * HDFS as it was: answers every WebHDFS request, or says in HDFS's words why not. Thread-safe.
 *
 * @see <a
 *     href="https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-hdfs/WebHDFS.html">WebHDFS
 *     REST API</a>
 */
public final class WebHdfsService {
  /** Before the path of a file. */
  private static final String PREFIX = "/webhdfs/v1";

  private static final Logger log = LoggerFactory.getLogger(WebHdfsService.class);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final Authentication authentication;
  private final DelegationTokens delegation;
  private final Namespace namespace;
  private final Directories directories;
  private final Files files;
  private final Snapshots snapshots;

  /**
   * How the service is reached.
   *
   * @param domain under which
   * @param scheme by which, {@code http} or {@code https}
   */
  public record Setting(String domain, String scheme) {}

  public WebHdfsService(
      Parts parts, CancelledTokens cancelled, Setting setting, InstantSource clock) {
    Views views = parts.views();
    Seals seals = new Seals(parts.credentials());
    this.delegation = new DelegationTokens(seals, cancelled, clock);
    this.authentication = new Authentication(parts.credentials(), seals, delegation, clock);
    this.namespace = new Namespace(views, setting.domain());
    this.directories = new Directories(namespace, views);
    this.files = new Files(parts, namespace, seals, setting.scheme(), clock);
    this.snapshots = new Snapshots(namespace, views, parts.index());
  }

  /** Whether a request is one of this protocol. */
  public static boolean serves(RawRequest request) {
    return request.path().equals(PREFIX) || request.path().startsWith(PREFIX + "/");
  }

  /** Answers a request; what it cannot is an answer, too. */
  public Response answer(RawRequest request) {
    Response answer = answerAnyway(request);
    // Hadoop's shaded client, which Spark has, lacks the class with which it reads a content type.
    return request.header("user-agent").filter(agent -> agent.startsWith("Java/")).isPresent()
        ? answer.without("content-type")
        : answer;
  }

  private Response answerAnyway(RawRequest request) {
    try {
      return answerOrThrow(request);
    } catch (RemoteException e) {
      return rendered(e);
    } catch (MalformedUriException e) {
      return rendered(RemoteException.invalid(e.getMessage()));
    } catch (ForbiddenException e) {
      return rendered(RemoteException.denied(e.getMessage()));
    } catch (ViewException e) {
      return switch (e.reason()) {
        case NO_SUCH_BUCKET, NO_SUCH_NAME -> rendered(RemoteException.missing(e.getMessage()));
        case INVALID -> rendered(RemoteException.invalid(e.getMessage()));
        case NOT_YET ->
            rendered(RemoteException.retriable(e.getMessage()))
                .with("retry-after", Long.toString(ViewException.RETRY.toSeconds()));
      };
    } catch (SdkException e) {
      log.warn("an AWS service does not answer", e);
      return rendered(RemoteException.retriable("An AWS service does not answer."));
    } catch (RuntimeException e) {
      log.error("a WebHDFS request failed", e);
      return rendered(RemoteException.failed());
    }
  }

  private static Response rendered(RemoteException e) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.putObject("RemoteException")
        .put("exception", e.javaClass().substring(e.javaClass().lastIndexOf('.') + 1))
        .put("javaClassName", e.javaClass())
        .put("message", e.getMessage());
    Response answer = Response.json(e.status(), body.toString());
    return switch (e.status()) {
      case 401 -> answer.with("www-authenticate", "Basic realm=\"Snapslice\"");
      case 503 -> answer.with("retry-after", Long.toString(RETRY.toSeconds()));
      default -> answer;
    };
  }

  private Response answerOrThrow(RawRequest request) {
    String op = request.parameter("op").orElse("").toUpperCase(Locale.ROOT);
    request.audit().operation(op.matches("[A-Z_]{1,40}") ? op : "unknown");
    return switch (request.method()) {
      case "GET" -> get(op, request);
      case "PUT" -> put(op, request);
      case "POST", "DELETE" -> {
        authentication.holder(request);
        throw RemoteException.readOnly();
      }
      default -> throw RemoteException.unsupported("Method " + request.method() + " is not served");
    };
  }

  private Response put(String op, RawRequest request) {
    return switch (op) {
      case "RENEWDELEGATIONTOKEN" ->
          json(body().put("long", delegation.renew(token(request)).toEpochMilli()));
      case "CANCELDELEGATIONTOKEN" -> {
        delegation.cancel(token(request));
        yield done();
      }
      default -> {
        authentication.holder(request);
        throw RemoteException.readOnly();
      }
    };
  }

  private static String token(RawRequest request) {
    return request
        .parameter("token")
        .orElseThrow(() -> RemoteException.invalid("the parameter token is missing"));
  }

  private Response get(String op, RawRequest request) {
    Optional<String> data = request.parameter("data");
    if (op.equals("OPEN") && data.isPresent()) {
      return files.read(request, data.get());
    }
    Holder holder = authentication.holder(request);
    if (request.parameter("doas").isPresent()) {
      throw RemoteException.denied("Nobody may act as somebody else.");
    }
    return switch (op) {
      case "GETDELEGATIONTOKEN" -> delegationToken(holder, request);
      case "GETSNAPSHOTTABLEDIRECTORYLIST" -> json(snapshots.directories(holder.caller()));
      default ->
          FixedAnswers.of(op)
              .map(answer -> Response.json(200, answer))
              .orElseGet(() -> ofPath(op, holder, request));
    };
  }

  private Response ofPath(String op, Holder holder, RawRequest request) {
    Place place =
        namespace.place(holder.caller(), request, request.path().substring(PREFIX.length()));
    return switch (op) {
      case "OPEN" -> files.open(holder, request, place);
      case "GETFILESTATUS", "GETFILELINKSTATUS" -> json(directories.status(place));
      case "LISTSTATUS" -> directories.list(holder.caller(), place);
      case "LISTSTATUS_BATCH" ->
          json(
              directories.batch(
                  holder.caller(), place, request.parameter("startAfter").orElse("")));
      case "GETCONTENTSUMMARY" -> json(directories.summary(holder.caller(), place));
      case "GETQUOTAUSAGE" -> json(directories.usage(holder.caller(), place));
      case "GETFILECHECKSUM" -> json(files.checksum(place));
      case "GETFILEBLOCKLOCATIONS" -> json(files.blocks(request, place).locations());
      case "GET_BLOCK_LOCATIONS" -> json(files.blocks(request, place).located());
      case "GETACLSTATUS" -> json(acl(place));
      case "GETXATTRS" -> json(Attributes.values(request, files.attributes(place)));
      case "LISTXATTRS" -> json(Attributes.names(files.attributes(place)));
      case "CHECKACCESS" -> access(request, place);
      case "GETSTORAGEPOLICY" -> {
        directories.status(place);
        yield Response.json(200, FixedAnswers.STORAGE_POLICY);
      }
      case "GETECPOLICY" -> {
        directories.status(place);
        yield json(body());
      }
      case "GETLINKTARGET" -> {
        directories.status(place);
        throw RemoteException.io("The path is not a symbolic link.");
      }
      case "GETSNAPSHOTLIST" -> json(snapshots.list(holder.caller(), place));
      case "GETSNAPSHOTDIFF" -> json(snapshots.diff(holder.caller(), request, place));
      case "GETSNAPSHOTDIFFLISTING" -> json(snapshots.diffListing(holder.caller(), request, place));
      default ->
          throw RemoteException.invalid(
              "Invalid value for webhdfs parameter \"op\": no operation '" + op + "' of GET");
    };
  }

  private Response delegationToken(Holder holder, RawRequest request) {
    String renewer = request.parameter("renewer").orElse("");
    if (renewer.length() > 255) {
      throw RemoteException.invalid("the renewer's name is too long");
    }
    return json(nested("Token", body().put("urlString", delegation.issue(holder, renewer))));
  }

  private Response access(RawRequest request, Place place) {
    directories.status(place);
    if (request.parameter("fsaction").filter(action -> action.contains("w")).isPresent()) {
      throw RemoteException.denied("Permission denied: a view of the past is read-only.");
    }
    return done();
  }

  private ObjectNode acl(Place place) {
    String permission = directories.status(place).at("/FileStatus/permission").asText();
    ObjectNode status =
        body()
            .put("owner", Statuses.OWNER)
            .put("group", Statuses.OWNER)
            .put("permission", permission)
            .put("stickyBit", false);
    status.putArray("entries");
    return nested("AclStatus", status);
  }

  private static ObjectNode body() {
    return Json.MAPPER.createObjectNode();
  }

  private static ObjectNode nested(String name, ObjectNode inner) {
    return body().set(name, inner);
  }

  private static Response json(ObjectNode body) {
    return Response.json(200, body.toString());
  }

  private static Response done() {
    return Response.empty(200, Map.of("content-length", "0"));
  }

  /**
   * Answers a request for an access token, as Hadoop's OAuth 2 client sends it.
   *
   * @param form what was posted: {@code grant_type}, {@code client_id} and {@code client_secret},
   *     an access key and its secret
   * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-4.4">RFC 6749, Client Credentials
   *     Grant</a>
   */
  public Response accessToken(String form) {
    try {
      RawRequest fields = new RawRequest("POST", "", form, Map.of());
      if (!fields.parameter("grant_type").equals(Optional.of("client_credentials"))) {
        return oauthError(400, "unsupported_grant_type");
      }
      return authentication
          .accessToken(
              fields.parameter("client_id").orElse(""),
              fields.parameter("client_secret").orElse(""))
          .map(token ->
              json(body()
                      .put("access_token", token)
                      .put("token_type", "bearer")
                      .put("expires_in", Authentication.ACCESS_TOKEN_LIFE.toSeconds()))
                  .with("cache-control", "no-store"))
          .orElseGet(() -> oauthError(401, "invalid_client"));
    } catch (MalformedUriException e) {
      return oauthError(400, "invalid_request");
    } catch (SdkException e) {
      log.warn("an AWS service does not answer", e);
      return oauthError(503, "temporarily_unavailable");
    }
  }

  private static Response oauthError(int status, String error) {
    return Response.json(status, body().put("error", error).toString());
  }
}
