package dev.snapslice.mlflow.artifacts;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.artifact.ArtifactPath;
import dev.snapslice.core.artifact.ArtifactStore;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.runtime.GatewayEvent;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** Finds artifacts by the URIs that runs and models keep, and lets callers at them. Thread-safe. */
public final class Artifacts {
  private static final Duration DOWNLOAD = Duration.ofMinutes(5);

  /** The paths that this server answers, with or without the host that they were reached by. */
  private static final Pattern SERVED =
      Pattern.compile(
          "(?:mlflow-artifacts:(?://[^/?]*)?|https?://[^/?]*/(?:[^?]*/)?api/2\\.0/mlflow-artifacts/artifacts/)"
              + "([^?]*).*");

  private final ArtifactStore store;
  private final Supplier<S3Presigner> presigner;

  public Artifacts(ArtifactStore store, Supplier<S3Presigner> presigner) {
    this.store = store;
    this.presigner = presigner;
  }

  /** Loads what the first request would. */
  public void prime() {
    ArtifactPath path = new ArtifactPath("priming");
    store.head(path);
    url(path, DOWNLOAD);
  }

  ArtifactStore store() {
    return store;
  }

  S3Presigner presigner() {
    return presigner.get();
  }

  /**
   * A path as it was sent.
   *
   * @throws MlflowException if it leads elsewhere
   */
  public static ArtifactPath path(String sent) {
    try {
      return ArtifactPath.parse(sent);
    } catch (IllegalArgumentException e) {
      throw MlflowException.invalid(e.getMessage());
    }
  }

  /**
   * Where artifacts of ours are, by the URI of their folder.
   *
   * @throws MlflowException if they are not ours: this server reads nobody else's
   */
  ArtifactPath folder(String uri) {
    return find(uri)
        .orElseThrow(() ->
            MlflowException.invalid(
                "The artifacts are kept under '%s', which this server does not read: list and load them with"
                        .formatted(uri)
                    + " MLflow's client, which goes there itself with its own credentials"));
  }

  /** The same; empty if they are not ours. */
  public Optional<ArtifactPath> find(String uri) {
    Matcher served = SERVED.matcher(uri);
    if (served.matches()) {
      return Optional.of(path(served.group(1).replaceFirst("^/+", "")));
    }
    String ours = "s3://" + store.place().bucket() + "/" + store.place().prefix();
    return uri.startsWith(ours)
        ? Optional.of(path(uri.substring(ours.length())))
        : Optional.empty();
  }

  /**
   * Answers what a run or a model keeps in one of its folders.
   *
   * @param root the URI that its paths begin at
   * @param below the folder
   * @param token by which an earlier answer ended
   * @throws MlflowException if it is not ours
   */
  public Reply list(String root, ArtifactPath below, Optional<String> token) {
    ObjectNode answer = Json.MAPPER.createObjectNode().put("root_uri", root);
    list(folder(root).child(below), below, token, answer)
        .ifPresent(next -> answer.put("next_page_token", next));
    return Reply.json(answer);
  }

  /**
   * Puts what a folder holds into an answer, as {@code files}: as many as fit it.
   *
   * @param below what the paths in the answer begin with
   * @param token by which an earlier answer ended
   * @return the token of the rest, if there is one
   */
  Optional<String> list(
      ArtifactPath folder, ArtifactPath below, Optional<String> token, ObjectNode answer) {
    long size = 0;
    Optional<String> next = token;
    do {
      ArtifactStore.Page page = store.list(folder, next);
      for (ArtifactStore.Entry entry : page.entries()) {
        ObjectNode file = Json.MAPPER.createObjectNode();
        file.put("path", below.isRoot() ? entry.name() : below.text() + "/" + entry.name());
        file.put("is_dir", entry.size().isEmpty());
        entry.size().filter(bytes -> bytes > 0).ifPresent(bytes -> file.put("file_size", bytes));
        ArrayNode files = answer.withArray("/files");
        files.add(file);
        size += GatewayEvent.size(file.toString()) + 1;
      }
      next = page.next();
    } while (next.isPresent() && size < GatewayEvent.LARGEST_ANSWER / 2);
    return next;
  }

  /** A URL at which anybody can load an artifact for five minutes, and its size. */
  record Download(String url, long size) {}

  /**
   * Lets a caller load an artifact, as a file to be saved.
   *
   * @throws MlflowException if there is none
   */
  Download download(ArtifactPath path, Duration valid) {
    long size =
        store
            .head(path)
            .orElseThrow(
                () -> MlflowException.missing("No such artifact: '%s'".formatted(path.text())))
            .contentLength();
    return new Download(url(path, valid), size);
  }

  /**
   * Deletes all that a URI leads to, if that is ours; what is not stays, as it is in no bucket of
   * ours.
   */
  public void delete(String uri) {
    Optional<ArtifactPath> ours;
    try {
      ours = find(uri);
    } catch (MlflowException e) {
      return; // it leads nowhere
    }
    ours.filter(path -> !path.isRoot()).ifPresent(store::delete);
  }

  private String url(ArtifactPath path, Duration valid) {
    return presigner()
        .presignGetObject(r ->
            r.signatureDuration(valid)
                .getObjectRequest(g ->
                    g.bucket(store.place().bucket())
                        .key(store.place().key(path))
                        .responseContentType(path.contentType())
                        .responseContentDisposition(path.disposition())))
        .url()
        .toString();
  }

  Download download(ArtifactPath path) {
    return download(path, DOWNLOAD);
  }

  /**
   * Sends a browser to an artifact.
   *
   * @param folder the URI that its path begins at
   * @param below the path
   * @throws MlflowException if there is none, or it is not ours
   */
  public Reply send(String folder, ArtifactPath below) {
    return Reply.redirect(download(folder(folder).child(below)).url());
  }
}
