package dev.snapslice.proxy.mlflow;

import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.ForbiddenException;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.artifact.ArtifactPath;
import dev.snapslice.core.artifact.ArtifactStore;
import dev.snapslice.core.permission.Permission;
import dev.snapslice.core.permission.Permissions;
import dev.snapslice.core.uri.MalformedUriException;
import dev.snapslice.core.uri.UriText;
import dev.snapslice.proxy.access.Authorization;
import dev.snapslice.proxy.access.Holder;
import dev.snapslice.proxy.access.KnownCredentials;
import dev.snapslice.proxy.http.RawRequest;
import dev.snapslice.proxy.http.Response;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * {@code mlflow-artifacts/artifacts/<path>} of MLflow's API: PUT, GET, HEAD and DELETE, for whom an
 * API token or a browser's session lets in at MLflow, and who may do that in the experiment.
 * Thread-safe.
 */
public final class ArtifactService {
  private static final Logger log = LoggerFactory.getLogger(ArtifactService.class);
  private static final String SESSION = "session";
  private static final Pattern PATH =
      Pattern.compile("/(?:ajax-)?api/2\\.0/mlflow-artifacts/artifacts/(.*)");

  private final KnownCredentials credentials;
  private final Permissions permissions;
  private final ArtifactStore store;
  private final ArtifactReads reads;
  private final ArtifactWrites writes;

  public ArtifactService(
      KnownCredentials credentials, Permissions permissions, ArtifactStore store) {
    this.permissions = permissions;
    this.credentials = credentials;
    this.store = store;
    this.reads = new ArtifactReads(store);
    this.writes = new ArtifactWrites(store);
  }

  /** Whether a request is one for artifacts, whoever sent it. */
  public static boolean serves(RawRequest request) {
    return PATH.matcher(request.path()).matches();
  }

  /** Answers a request that {@link #serves} takes. */
  public Response answer(RawRequest request) {
    request.audit().operation("Artifact" + request.method());
    try {
      return served(request);
    } catch (RefusedException e) {
      return e.response();
    } catch (S3Exception e) {
      log.warn("S3 refused", e);
      return RefusedException.of(e).response();
    } catch (SdkClientException | UncheckedIOException e) {
      log.warn("an artifact broke off", e);
      return RefusedException.unavailable().response();
    }
  }

  private Response served(RawRequest request) {
    boolean isRead = request.method().equals("GET") || request.method().equals("HEAD");
    Caller caller = caller(request, isRead ? Role.READER : Role.WRITER);
    ArtifactPath path = path(request);
    if (!permissions.mayIn(path, needed(request.method()), permissions.of(caller))) {
      throw RefusedException.forbidden("Permission denied");
    }
    request.audit().of(store.place().bucket(), Optional.empty(), store.place().key(path));
    if (!isRead && !path.isOwned()) {
      throw RefusedException.invalid(
          "Invalid path: '%s' is in no run's, model's or trace's folder of artifacts"
              .formatted(path.text()));
    }
    return switch (request.method()) {
      case "GET", "HEAD" -> reads.read(request, path);
      case "PUT" -> {
        writes.write(request, path);
        yield Response.json(200, "{}");
      }
      case "DELETE" -> {
        store.delete(path);
        yield Response.json(200, "{}");
      }
      default ->
          throw RefusedException.noRoute("there is no " + request.method() + " " + request.path());
    };
  }

  private static Permission needed(String method) {
    return switch (method) {
      case "GET", "HEAD" -> Permission.READ;
      case "DELETE" -> Permission.MANAGE;
      default -> Permission.EDIT;
    };
  }

  private static ArtifactPath path(RawRequest request) {
    Matcher path = PATH.matcher(request.path());
    if (!path.matches()) {
      throw new IllegalStateException(request.path() + " is no path of an artifact");
    }
    try {
      return ArtifactPath.parse(UriText.decode(path.group(1)));
    } catch (IllegalArgumentException | MalformedUriException e) {
      throw RefusedException.invalid(e.getMessage());
    }
  }

  private Caller caller(RawRequest request, Role needed) {
    Authorization sent =
        request
            .header("authorization")
            .map(Authorization::parse)
            .orElseThrow(RefusedException::unauthenticated);
    Holder holder = holder(sent).orElseThrow(RefusedException::unauthenticated);
    request.audit().by(holder.issued().credential().id());
    try {
      Caller caller = caller(request, sent, holder.caller());
      caller.checkMlflow(needed);
      return caller;
    } catch (ForbiddenException e) {
      throw RefusedException.forbidden(e.getMessage());
    }
  }

  private static Caller caller(RawRequest request, Authorization sent, Caller known) {
    return sent.scheme().equals(SESSION)
        ? Caller.inBrowser(
            known.principal(), known.grant(), request.method(), request.header("sec-fetch-site"))
        : known;
  }

  /** By a token as a bearer or as the password of whatever name, or by a browser's session. */
  private Optional<Holder> holder(Authorization sent) {
    return switch (sent.scheme()) {
      case "bearer" -> credentials.token(sent.shown());
      case "basic" -> sent.basic().map(Authorization.Basic::password).flatMap(credentials::token);
      case SESSION -> credentials.session(sent.shown());
      default -> Optional.empty();
    };
  }
}
