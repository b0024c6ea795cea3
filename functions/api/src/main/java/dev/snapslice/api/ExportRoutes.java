package dev.snapslice.api;

import dev.snapslice.api.Api.Route;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.export.ExportJob;
import dev.snapslice.core.export.ExportJobs;
import dev.snapslice.core.export.ExportRequest;
import dev.snapslice.core.export.ExportRequest.Format;
import dev.snapslice.core.job.JobId;
import dev.snapslice.core.task.MaintenanceTask;
import dev.snapslice.core.time.ViewSpec;
import java.util.Arrays;
import java.util.Map;

/** Starts exports as jobs, and tells how far these have come. */
final class ExportRoutes {
  private final Domain domain;
  private final Views views;
  private final ExportJobs jobs;

  ExportRoutes(Domain domain, Views views) {
    this.domain = domain;
    this.views = views;
    this.jobs =
        new ExportJobs(
            domain.jobs(), domain.buckets(), domain.clients()::s3, domain.index(), domain.clock());
  }

  Map<String, Route> routes() {
    return Map.of(
        "POST /v1/buckets/{bucket}/exports", this::start,
        "GET /v1/buckets/{bucket}/exports/{export}", this::get);
  }

  private Answer start(Request request) {
    Fields fields = request.fields("spec", "prefix", "format", "target");
    Views.View view =
        views.open(
            request,
            fields.text("prefix"),
            Role.READER,
            specs -> specs.either(request.path("bucket"), fields.required("spec")));
    Format format = format(fields.text("format").orElse(Format.JSON_LINES.extension()));
    Fields target =
        fields
            .object("target", "bucket", "prefix")
            .orElseThrow(() -> Problem.invalid("the field 'target' is missing"));
    String bucket = target.required("bucket");
    String prefix = target.prefix();
    request.caller().check(Role.WRITER, bucket, prefix);
    if (!view.bucket().history().complete()) {
      throw Problem.conflict("the bucket's history is not complete yet");
    }
    ExportJob job =
        Request.checked(() ->
            jobs.create(
                new ExportRequest(
                    view.bucket().name(), view.prefix(), view.spec(), format, bucket, prefix)));
    domain.tasks().get().send(new MaintenanceTask.Export(job.id().toString()));
    return Answer.json(202, JobRendered.job(job));
  }

  private static Format format(String text) {
    return Arrays.stream(Format.values())
        .filter(format -> format.extension().equals(text))
        .findFirst()
        .orElseThrow(() -> Problem.invalid("'" + text + "' is not a format: want csv or jsonl"));
  }

  private Answer get(Request request) {
    Caller caller = request.caller();
    String bucket = request.path("bucket");
    caller.check(Role.READER, bucket);
    domain.buckets().require(bucket);
    ExportJob job =
        JobId.of(bucket, request.path("export"))
            .flatMap(jobs::get)
            .filter(found -> visible(found, caller))
            .orElseThrow(() -> Problem.notFound("the bucket has no such export"));
    return Answer.json(200, JobRendered.job(job));
  }

  private static boolean visible(ExportJob job, Caller caller) {
    return caller.grant().coversPrefix(job.request().prefix())
        && caller.grant().coversMoment(Views.end(job.request().view()))
        && switch (job.request().view()) {
          case ViewSpec.Snapshot snapshot -> true;
          case ViewSpec.Slice slice -> caller.grant().coversMoment(slice.from());
        };
  }
}
