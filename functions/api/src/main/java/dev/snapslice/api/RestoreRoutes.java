package dev.snapslice.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.api.Api.Route;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.bucket.Bucket.Status;
import dev.snapslice.core.index.Cursor;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.job.JobId;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.restore.RestoreJob;
import dev.snapslice.core.restore.RestoreJobs;
import dev.snapslice.core.restore.RestorePlan;
import dev.snapslice.core.restore.RestorePlanner;
import dev.snapslice.core.restore.RestoreRequest;
import dev.snapslice.core.restore.RestoreRequest.Markers;
import dev.snapslice.core.task.MaintenanceTask;
import dev.snapslice.core.time.ViewSpec;
import dev.snapslice.core.version.ObjectKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Plans restores, starts them as jobs, and tells how far these have come. */
final class RestoreRoutes {
  private static final int MOST_LISTED = 100;
  private static final int MOST_PROBLEMS = 100;

  private final Domain domain;
  private final Views views;
  private final RestorePlanner planner;
  private final RestoreJobs jobs;

  RestoreRoutes(Domain domain, Views views) {
    this.domain = domain;
    this.views = views;
    this.planner = new RestorePlanner(domain.index());
    this.jobs =
        new RestoreJobs(
            domain.jobs(),
            new RestoreJobs.Buckets(domain.buckets(), domain.clients()::s3, Optional::empty),
            planner,
            domain.clock());
  }

  Map<String, Route> routes() {
    return Map.of(
        "POST /v1/buckets/{bucket}/restores/plan", this::plan,
        "GET /v1/buckets/{bucket}/restores", this::list,
        "POST /v1/buckets/{bucket}/restores", this::start,
        "GET /v1/buckets/{bucket}/restores/{restore}", this::get,
        "POST /v1/buckets/{bucket}/restores/{restore}/cancel", this::cancel);
  }

  private Answer plan(Request request) {
    RestoreRequest wanted = read(request);
    Instant now = domain.clock().instant();
    RestorePlan plan =
        Patience.await(() -> planner.plan(wanted, now))
            .orElseThrow(() ->
                Problem.unavailable(
                    "there is too much to plan here: ask for a prefix, or start it"));
    return Answer.json(200, JobRendered.plan(wanted, plan));
  }

  /** What takes too long to plan here is planned by the job, which then refuses. */
  private Answer start(Request request) {
    RestoreRequest wanted = read(request);
    Instant now = domain.clock().instant();
    Patience.await(() -> planner.plan(wanted, now))
        .filter(RestorePlan::refused)
        .ifPresent(plan -> {
          throw Problem.purged(plan.purged().stream().map(ObjectKey::value).toList());
        });
    RestoreJob job = Request.checked(() -> jobs.create(wanted, now));
    domain.tasks().get().send(new MaintenanceTask.Restore(job.id().toString()));
    return Answer.json(202, JobRendered.job(job, List.of()));
  }

  /** What is asked for, by somebody who may write wherever it writes. */
  private RestoreRequest read(Request request) {
    Fields fields = request.fields("spec", "prefix", "target", "markers");
    Views.View view =
        views.open(
            request,
            fields.text("prefix"),
            Role.WRITER,
            specs -> specs.either(request.path("bucket"), fields.required("spec")));
    Markers markers = markers(fields.text("markers").orElse("remove"));
    if (!view.bucket().history().complete()) {
      throw Problem.conflict("the bucket's history is not complete yet");
    }
    Optional<Fields> target = fields.object("target", "bucket", "prefix");
    if (target.isPresent()) {
      return copy(request.caller(), view, target.get());
    }
    if (!(view.spec() instanceof ViewSpec.Snapshot snapshot)) {
      throw Problem.invalid("the present cannot be made equal to a slice: copy it to a target");
    }
    request.caller().check(domain.clock().instant());
    if (view.bucket().status() != Status.ACTIVE) {
      throw Problem.conflict(
          "the bucket is " + view.bucket().status() + ": what is there now is not known");
    }
    view.bucket()
        .historySince()
        .filter(snapshot.at()::isBefore)
        .ifPresent(since -> {
          throw Problem.conflict(
              "what was overwritten or deleted before versioning was turned on, at "
                  + Rendered.time(since)
                  + ", is not known: a restore to before would hide what was there."
                  + " Restore to a later moment, or copy to a target");
        });
    return new RestoreRequest.Back(view.bucket().name(), view.prefix(), snapshot.at(), markers);
  }

  private static Markers markers(String text) {
    return switch (text) {
      case "remove" -> Markers.REMOVE;
      case "copy" -> Markers.COPY;
      default -> throw Problem.invalid("markers are to remove or copy, not '" + text + "'");
    };
  }

  private RestoreRequest copy(Caller caller, Views.View view, Fields target) {
    String bucket = target.required("bucket");
    String prefix = target.prefix();
    caller.check(Role.WRITER, bucket, prefix);
    domain.buckets().require(bucket);
    return new RestoreRequest.Copy(
        view.bucket().name(), view.prefix(), view.spec(), bucket, prefix);
  }

  private Answer list(Request request) {
    Caller caller = request.caller();
    String bucket = request.path("bucket");
    caller.check(Role.READER, bucket);
    domain.buckets().require(bucket);
    String of = "restores " + bucket;
    int limit = request.query("limit", MOST_LISTED, 1, ListRequest.MAX_LIMIT);
    List<RestoreJob> page = jobs.newest(bucket, PageToken.read(request, of).after(), limit);
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.set(
        "restores",
        Rendered.all(
            page.stream().filter(job -> visible(job, caller)).toList(),
            job -> JobRendered.job(job, List.of())));
    if (page.size() == limit) {
      Cursor next = Cursor.afterKey(page.getLast().id().number());
      body.put("next", new PageToken(of, next).encode());
    }
    return Answer.json(200, body);
  }

  private static boolean visible(RestoreJob job, Caller caller) {
    return caller.grant().coversPrefix(job.request().prefix())
        && caller.grant().coversMoment(job.request().newest());
  }

  private Answer get(Request request) {
    RestoreJob job = job(request, Role.READER);
    return Answer.json(200, JobRendered.job(job, jobs.problems(job.id(), "", MOST_PROBLEMS)));
  }

  private Answer cancel(Request request) {
    RestoreJob job = job(request, Role.WRITER);
    if (!jobs.cancel(job.id())) {
      throw Problem.conflict("the restore has ended already");
    }
    return Answer.json(202, JobRendered.job(job(request, Role.WRITER), List.of()));
  }

  private RestoreJob job(Request request, Role needed) {
    Caller caller = request.caller();
    String bucket = request.path("bucket");
    caller.check(needed, bucket);
    domain.buckets().require(bucket);
    return JobId.of(bucket, request.path("restore"))
        .flatMap(jobs::get)
        .filter(job -> visible(job, caller))
        .orElseThrow(() -> Problem.notFound("the bucket has no such restore"));
  }
}
