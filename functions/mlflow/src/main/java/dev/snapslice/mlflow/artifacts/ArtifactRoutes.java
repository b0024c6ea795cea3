package dev.snapslice.mlflow.artifacts;

import static dev.snapslice.mlflow.protocol.Field.integer;
import static dev.snapslice.mlflow.protocol.Field.text;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.artifact.ArtifactPath;
import dev.snapslice.core.artifact.ArtifactStore;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.mlflow.tracking.RunRoutes;
import dev.snapslice.mlflow.tracking.Runs;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The operations on artifacts, and what tells clients how to reach them. */
public final class ArtifactRoutes {
  static final String SERVED = "/api/2.0/mlflow-artifacts/artifacts";
  private static final int DEFAULT_SECONDS = 900;
  private static final int MOST_SECONDS = 604_800;

  private final Runs runs;
  private final Artifacts artifacts;
  private final UnaryOperator<String> modelLocation;

  /**
   * Over runs.
   *
   * @param modelLocation the URI under which a logged model keeps its artifacts, by its id
   */
  public ArtifactRoutes(Runs runs, UnaryOperator<String> modelLocation, Artifacts artifacts) {
    this.runs = runs;
    this.modelLocation = modelLocation;
    this.artifacts = artifacts;
  }

  /** Adds them all. */
  public void addTo(Routes routes) {
    routes
        .add("GET", "/api/3.0/mlflow/server-info", call -> serverInfo())
        .add("GET", "/get-artifact", this::get)
        .add(
            "GET",
            "/api/2.0/mlflow/artifacts/list",
            List.of(text("run_id").mandatory(), text("run_uuid"), text("path"), text("page_token")),
            this::list)
        .search(
            "/api/2.0/mlflow/artifacts/presigned-download-url",
            List.of(text("run_id").mandatory(), text("path").mandatory(), integer("expiration")),
            this::presign)
        .add(
            "POST",
            "/api/2.0/mlflow/artifacts/presigned-upload-url",
            List.of(
                text("run_id"), text("model_id"), text("path").mandatory(), integer("expiration")),
            this::presignUpload)
        .add("GET", SERVED, List.of(text("path")), this::listServed)
        .add("GET", SERVED + "/{path*}", this::redirect)
        .add("DELETE", SERVED + "/{path*}", this::delete)
        .add("GET", "/api/2.0/mlflow-artifacts/presigned/{path*}", this::presignServed);
    new Uploads(runs, artifacts).addTo(routes);
  }

  private static Reply serverInfo() {
    ObjectNode info = Json.MAPPER.createObjectNode();
    info.put("store_type", "SqlStore"); // without it, clients and the UI leave things out
    info.put("workspaces_enabled", false);
    info.put("trace_archival_enabled", false);
    info.put("multipart_uploads_enabled", true);
    info.put("multipart_downloads_enabled", true);
    info.put("presigned_upload_run_id_supported", true);
    info.put("presigned_upload_model_id_supported", true);
    info.set("features_enabled", Json.MAPPER.valueToTree(Map.of("gateway", false)));
    return Reply.json(info);
  }

  private Reply list(Message request) {
    ArtifactPath below = Artifacts.path(request.text("path"));
    String root = runs.get(RunRoutes.id(request)).location();
    return artifacts.list(root, below, request.given("page_token"));
  }

  private Reply get(Call call) {
    ArtifactPath path = Artifacts.path(call.required("path"));
    String run = call.asked("run_id").or(() -> call.asked("run_uuid")).orElse("");
    return artifacts.send(runs.get(run).location(), path);
  }

  /** Clients know no pages here. */
  private Reply listServed(Message request) {
    ObjectNode answer = Json.MAPPER.createObjectNode();
    ArtifactPath folder = Artifacts.path(request.text("path"));
    if (artifacts.list(folder, new ArtifactPath(""), Optional.empty(), answer).isPresent()) {
      throw MlflowException.invalid(
          "'%s' holds more than one answer does: list the folders in it".formatted(folder.text()));
    }
    return Reply.json(answer);
  }

  private Reply redirect(Call call) {
    return Reply.redirect(artifacts.download(Artifacts.path(call.parameter("path"))).url());
  }

  private Reply delete(Call call) {
    artifacts.store().delete(Uploads.owned(Artifacts.path(call.parameter("path"))));
    return Reply.done();
  }

  private Reply presignServed(Call call) {
    Artifacts.Download download = artifacts.download(Artifacts.path(call.parameter("path")));
    ObjectNode answer = Json.MAPPER.createObjectNode().put("url", download.url());
    answer.putObject("headers");
    return Reply.json(answer.put("file_size", download.size()));
  }

  /** Only for runs whose artifacts the client would reach by itself. */
  private Reply presign(Message request) {
    ArtifactPath below = Artifacts.path(request.text("path"));
    Duration valid = valid(request);
    ArtifactPath root =
        direct(
            runs.get(request.text("run_id")).location(),
            "Presigned download is not supported for runs with proxied artifact storage (artifact URI"
                + " scheme: %s). This endpoint requires a run with a direct cloud storage artifact URI.");
    Artifacts.Download download = artifacts.download(root.child(below), valid);
    ObjectNode answer = Json.MAPPER.createObjectNode().put("presigned_url", download.url());
    return Reply.json(answer.put("file_size", download.size()));
  }

  /** The same for what the client would store by itself, for a run or a logged model. */
  private Reply presignUpload(Message request) {
    Optional<String> run = request.given("run_id");
    Optional<String> model = request.given("model_id");
    if (run.isPresent() == model.isPresent()) {
      throw MlflowException.invalid("Exactly one of run_id and model_id must be provided.");
    }
    ArtifactPath below = Artifacts.path(request.text("path"));
    ArtifactPath root =
        direct(
            run.map(id -> runs.get(id).location())
                .orElseGet(() -> modelLocation.apply(model.orElseThrow())),
            "Presigned upload is not supported for proxied artifact storage (artifact URI scheme: %s)."
                + " This endpoint requires a direct cloud storage artifact URI.");
    Duration valid = valid(request);
    ArtifactPath target = Uploads.owned(root.child(below));
    ArtifactStore.Place place = artifacts.store().place();
    String url =
        artifacts
            .presigner()
            .presignPutObject(r ->
                r.signatureDuration(valid)
                    .putObjectRequest(put ->
                        put.bucket(place.bucket())
                            .key(place.key(target))
                            .contentType(target.contentType())))
            .url()
            .toString();
    ObjectNode answer = Json.MAPPER.createObjectNode().put("presigned_url", url);
    answer.putObject("headers").put("Content-Type", target.contentType());
    return Reply.json(answer);
  }

  private static Duration valid(Message request) {
    long seconds = request.integer("expiration", DEFAULT_SECONDS);
    if (seconds < 1 || seconds > MOST_SECONDS) {
      throw MlflowException.invalid(
          "expiration must be between 1 and %d seconds (got %d).".formatted(MOST_SECONDS, seconds));
    }
    return Duration.ofSeconds(seconds);
  }

  private ArtifactPath direct(String root, String refusal) {
    String scheme = root.substring(0, Math.max(root.indexOf(':'), 0));
    if (List.of("http", "https", "mlflow-artifacts").contains(scheme)) {
      throw MlflowException.invalid(refusal.formatted(scheme));
    }
    return artifacts.folder(root);
  }
}
