package dev.snapslice.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.api.Api.Route;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.label.Label;
import java.util.List;
import java.util.Map;

/** Names for snapshots and slices. */
final class LabelRoutes {
  private static final int LONGEST_NOTE = 1000;

  private final Domain domain;
  private final Views views;

  LabelRoutes(Domain domain, Views views) {
    this.domain = domain;
    this.views = views;
  }

  Map<String, Route> routes() {
    return Map.of(
        "GET /v1/buckets/{bucket}/labels", this::list,
        "POST /v1/buckets/{bucket}/labels", this::create,
        "GET /v1/buckets/{bucket}/labels/{label}", this::get,
        "DELETE /v1/buckets/{bucket}/labels/{label}", this::delete);
  }

  private Answer list(Request request) {
    Caller caller = request.caller();
    caller.check(Role.READER, request.path("bucket"));
    Bucket bucket = domain.buckets().require(request.path("bucket"));
    List<Label> labels =
        domain.labels().list(bucket.name()).stream()
            .filter(label -> label.coveredBy(caller.grant()))
            .toList();
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.set("labels", Rendered.all(labels, label -> render(label, bucket)));
    return Answer.json(200, body);
  }

  private ObjectNode render(Label label, Bucket bucket) {
    return Rendered.label(
        label, views.amended(bucket, label.view(), label.prefix(), label.created()));
  }

  private Answer create(Request request) {
    Fields fields = request.fields("name", "spec", "prefix", "note");
    String note = fields.text("note").orElse("");
    if (note.length() > LONGEST_NOTE) {
      throw Problem.invalid("a note has at most " + LONGEST_NOTE + " characters");
    }
    Caller caller = request.caller();
    Views.View view =
        views.open(
            request,
            fields.text("prefix"),
            Role.WRITER,
            specs -> specs.either(request.path("bucket"), fields.required("spec")));
    Label label =
        Request.checked(() ->
            new Label(
                view.bucket().name(),
                fields.required("name"),
                view.spec(),
                view.prefix(),
                caller.principal(),
                note,
                domain.clock().instant()));
    domain.labels().create(label);
    return Answer.json(201, Rendered.label(label, false));
  }

  private Answer get(Request request) {
    Label label = label(request, Role.READER);
    return Answer.json(200, render(label, domain.buckets().require(label.bucket())));
  }

  private Answer delete(Request request) {
    Label label = label(request, Role.WRITER);
    domain.labels().delete(label.bucket(), label.name());
    return Answer.nothing();
  }

  private Label label(Request request, Role needed) {
    String bucket = request.path("bucket");
    Caller caller = request.caller();
    caller.check(needed, bucket);
    domain.buckets().require(bucket);
    return domain
        .labels()
        .get(bucket, request.path("label"))
        .filter(label -> label.coveredBy(caller.grant()))
        .orElseThrow(() -> Problem.notFound("the bucket has no such label"));
  }
}
