package dev.snapslice.mlflow.artifacts;

import static dev.snapslice.mlflow.protocol.Field.integer;
import static dev.snapslice.mlflow.protocol.Field.messages;
import static dev.snapslice.mlflow.protocol.Field.text;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.artifact.ArtifactPath;
import dev.snapslice.core.artifact.ArtifactStore;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.mlflow.tracking.Runs;
import dev.snapslice.runtime.GatewayEvent;
import java.time.Duration;
import java.util.List;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/** The operations that write artifacts: large ones go to S3 in parts, which the client sends. */
final class Uploads {
  private static final Duration PART = Duration.ofHours(1);
  private static final int MOST_PARTS = 10_000;

  /** In base64 it is just what Lambda takes. */
  private static final int LARGEST_BODY = 4 * 1024 * 1024;

  private static final Field NAME = text("path").mandatory();
  private static final Field ID = text("upload_id");

  private final Runs runs;
  private final Artifacts artifacts;
  private final ArtifactStore store;
  private final ArtifactStore.Place place;

  Uploads(Runs runs, Artifacts artifacts) {
    this.runs = runs;
    this.artifacts = artifacts;
    this.store = artifacts.store();
    this.place = store.place();
  }

  /** Adds them all. */
  void addTo(Routes routes) {
    String path = "/api/2.0/mlflow-artifacts/mpu/";
    for (String folder : List.of("", "/{path*}")) {
      routes
          .add("POST", path + "create" + folder, this::create)
          .add("POST", path + "complete" + folder, this::complete)
          .add("POST", path + "abort" + folder, this::abort);
    }
    routes
        .add("PUT", ArtifactRoutes.SERVED + "/{path*}", this::put)
        .add("POST", "/api/2.0/mlflow/upload-artifact", this::upload);
  }

  /**
   * Where a call may write or delete.
   *
   * @throws MlflowException if that belongs to no run, model or trace
   */
  static ArtifactPath owned(ArtifactPath path) {
    if (!path.isOwned()) {
      throw MlflowException.invalid(
          "Invalid path: '%s' is in no run's, model's or trace's folder of artifacts"
              .formatted(path.text()));
    }
    return path;
  }

  /** The client tells its own path of the file, whose last name counts. */
  private static ArtifactPath target(Call call, Message request) {
    ArtifactPath folder = Artifacts.path(call.parameters().getOrDefault("path", ""));
    String local = request.text("path");
    String name = local.substring(Math.max(local.lastIndexOf('/'), local.lastIndexOf('\\')) + 1);
    ArtifactPath target = folder.child(Artifacts.path(name));
    if (target.equals(folder)) {
      throw MlflowException.invalid("Invalid path");
    }
    return owned(target);
  }

  private Reply create(Call call) {
    Message request = call.message(List.of(NAME, integer("num_parts")));
    long parts = request.integer("num_parts", 1);
    if (parts < 1 || parts > MOST_PARTS) {
      throw MlflowException.invalid(
          "Invalid value %d for parameter 'num_parts' supplied: S3 takes from 1 to %d parts"
              .formatted(parts, MOST_PARTS));
    }
    ArtifactPath target = target(call, request);
    String id =
        store
            .s3()
            .createMultipartUpload(r ->
                r.bucket(place.bucket()).key(place.key(target)).contentType(target.contentType()))
            .uploadId();
    ObjectNode answer = Json.MAPPER.createObjectNode().put("upload_id", id);
    for (int part = 1; part <= parts; part++) {
      answer
          .withArray("/credentials")
          .addObject()
          .put("url", url(target, id, part))
          .put("part_number", part);
    }
    if (!GatewayEvent.fits(Json.write(answer))) {
      abort(target, id);
      throw MlflowException.invalid(
          "%d parts are more than one answer holds: set MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE higher"
              .formatted(parts));
    }
    return Reply.json(answer);
  }

  private String url(ArtifactPath target, String id, int part) {
    return artifacts
        .presigner()
        .presignUploadPart(r ->
            r.signatureDuration(PART)
                .uploadPartRequest(u ->
                    u.bucket(place.bucket()).key(place.key(target)).uploadId(id).partNumber(part)))
        .url()
        .toString();
  }

  private Reply complete(Call call) {
    Field parts = messages("parts", integer("part_number"), text("etag"), text("url")).mandatory();
    Message request = call.message(List.of(NAME, ID, parts));
    ArtifactPath target = target(call, request);
    List<CompletedPart> sent =
        request.messages("parts").stream()
            .map(part ->
                CompletedPart.builder()
                    .partNumber((int) part.integer("part_number", 0))
                    .eTag(part.text("etag"))
                    .build())
            .toList();
    store
        .s3()
        .completeMultipartUpload(r ->
            r.bucket(place.bucket())
                .key(place.key(target))
                .uploadId(request.text("upload_id"))
                .multipartUpload(u -> u.parts(sent)));
    return Reply.done();
  }

  private Reply abort(Call call) {
    Message request = call.message(List.of(NAME, ID));
    abort(target(call, request), request.text("upload_id"));
    return Reply.done();
  }

  private void abort(ArtifactPath target, String id) {
    store
        .s3()
        .abortMultipartUpload(r -> r.bucket(place.bucket()).key(place.key(target)).uploadId(id));
  }

  /** For callers whom no proxy knows, because they sign their requests for API Gateway. */
  private Reply put(Call call) {
    put(owned(Artifacts.path(call.parameter("path"))), call.event().body());
    return Reply.done();
  }

  /** What somebody adds in the UI. */
  private Reply upload(Call call) {
    String run = call.required("run_uuid");
    ArtifactPath path = Artifacts.path(call.required("path"));
    byte[] body = call.event().body();
    if (body.length == 0) {
      throw MlflowException.invalid("Request must specify data.");
    }
    put(owned(artifacts.folder(runs.get(run).location()).child(path)), body);
    return Reply.done();
  }

  private void put(ArtifactPath target, byte[] body) {
    if (body.length > LARGEST_BODY) {
      throw MlflowException.invalid(
          "%d bytes are more than Lambda takes (%d): make the experiment with an artifact_location"
                  .formatted(body.length, LARGEST_BODY)
              + " of your own (s3://…), to which the client writes by itself");
    }
    store
        .s3()
        .putObject(
            r -> r.bucket(place.bucket()).key(place.key(target)).contentType(target.contentType()),
            RequestBody.fromBytes(body));
  }
}
