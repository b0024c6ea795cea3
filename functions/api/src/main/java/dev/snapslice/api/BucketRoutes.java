package dev.snapslice.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.api.Api.Route;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.bucket.Amendment;
import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.bucket.Bucket.Status;
import dev.snapslice.core.bucket.BucketCatalog.StaleBucketException;
import dev.snapslice.core.bucket.Location;
import dev.snapslice.core.index.Cursor;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.task.MaintenanceTask;
import dev.snapslice.core.time.TimeSpec;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Registers buckets, says how they are, and asks for what maintenance then does to them. */
final class BucketRoutes {
  private final Domain domain;

  BucketRoutes(Domain domain) {
    this.domain = domain;
  }

  Map<String, Route> routes() {
    return Map.of(
        "GET /v1/buckets", this::list,
        "POST /v1/buckets", this::register,
        "GET /v1/buckets/{bucket}", this::get,
        "PATCH /v1/buckets/{bucket}", this::change,
        "DELETE /v1/buckets/{bucket}", this::remove,
        "POST /v1/buckets/{bucket}/enable", this::enable,
        "POST /v1/buckets/{bucket}/disable", this::disable,
        "POST /v1/buckets/{bucket}/reconcile", this::reconcile,
        "GET /v1/buckets/{bucket}/amendments", this::amendments);
  }

  private Answer list(Request request) {
    Caller caller = request.caller();
    List<Bucket> seen =
        domain.buckets().list().stream()
            .filter(bucket -> caller.grant().coversBucket(bucket.name()))
            .toList();
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.set("buckets", Rendered.all(seen, Rendered::bucket));
    return Answer.json(200, body);
  }

  private Answer register(Request request) {
    Fields fields = request.fields("name", "location", "webhookSecret");
    String name = fields.required("name");
    Caller caller = request.caller();
    caller.check(Role.ADMIN, name, "");
    Location location =
        fields
            .object("location", "type", "roleArn", "externalId", "endpoint", "region", "secretName")
            .map(BucketRoutes::location)
            .orElseGet(Location.OwnAccount::new);
    Optional<String> secret = fields.text("webhookSecret");
    boolean store = location instanceof Location.OtherStore;
    if (secret.isPresent() && !store) {
      throw Problem.invalid("only the webhook of another store has a secret");
    }
    Optional<WebhookSecret> webhook =
        store
            ? Optional.of(secret.map(WebhookSecret::of).orElseGet(WebhookSecret::random))
            : Optional.empty();
    Bucket bucket =
        Request.checked(() ->
            Bucket.registered(
                name, location, webhook.map(WebhookSecret::hash), domain.clock().instant()));
    ObjectNode body = Rendered.bucket(create(bucket));
    webhook.ifPresent(shown -> body.put("webhookSecret", shown.text()));
    return Answer.json(201, body);
  }

  private Bucket create(Bucket bucket) {
    try {
      return domain.buckets().put(bucket);
    } catch (StaleBucketException e) {
      throw Problem.conflict("the bucket '" + bucket.name() + "' is registered already");
    }
  }

  private static Location location(Fields fields) {
    return Request.checked(() ->
        switch (fields.required("type")) {
          case "own" -> new Location.OwnAccount();
          case "role" ->
              new Location.OtherAccount(fields.required("roleArn"), fields.required("externalId"));
          case "store" ->
              new Location.OtherStore(
                  URI.create(fields.required("endpoint")),
                  fields.required("region"),
                  fields.required("secretName"));
          default -> throw Problem.invalid("a location's type is own, role or store");
        });
  }

  private Answer get(Request request) {
    String name = request.path("bucket");
    request.caller().check(Role.READER, name);
    return Answer.json(200, Rendered.bucket(domain.buckets().require(name)));
  }

  private Answer change(Request request) {
    Fields fields = request.fields("latestKnown");
    Bucket bucket = administered(request);
    return Answer.json(
        200,
        Rendered.bucket(
            fields
                .flag("latestKnown")
                .map(wanted -> domain.buckets().update(bucket.name(), b -> b.latestKnown(wanted)))
                .orElse(bucket)));
  }

  private Answer remove(Request request) {
    Bucket bucket = administered(request);
    if (bucket.status() != Status.DISABLED) {
      throw Problem.conflict("the bucket is " + bucket.status() + ": disable it first");
    }
    domain.buckets().remove(bucket.name());
    return Answer.nothing();
  }

  private Answer enable(Request request) {
    Bucket bucket = administered(request);
    return ask(bucket, Bucket::enabling, new MaintenanceTask.Enable(bucket.name()));
  }

  private Answer disable(Request request) {
    Bucket bucket = administered(request);
    return ask(bucket, Bucket::disabling, new MaintenanceTask.Disable(bucket.name()));
  }

  private Answer reconcile(Request request) {
    Bucket bucket = administered(request);
    String prefix = request.body().length == 0 ? "" : request.fields("prefix").prefix();
    if (bucket.status() != Status.ACTIVE) {
      throw Problem.conflict("the bucket is " + bucket.status() + ": nothing to compare yet");
    }
    return ask(bucket, seen -> seen, new MaintenanceTask.Reconcile(bucket.name(), prefix));
  }

  private Bucket administered(Request request) {
    String name = request.path("bucket");
    request.caller().check(Role.ADMIN, name, "");
    return domain.buckets().require(name);
  }

  /** Notes what is wanted before it is asked for: then a lost task is missed by the schedule. */
  private Answer ask(Bucket bucket, UnaryOperator<Bucket> wanted, MaintenanceTask task) {
    Bucket now =
        wanted.apply(bucket).equals(bucket)
            ? bucket
            : domain.buckets().update(bucket.name(), wanted);
    domain.tasks().get().send(task);
    return Answer.json(202, Rendered.bucket(now));
  }

  private Answer amendments(Request request) {
    String name = request.path("bucket");
    Caller caller = request.caller();
    caller.check(Role.READER, name);
    domain.buckets().require(name);
    Instant since =
        request.query("since").map(TimeSpec::parseAny).map(TimeSpec::at).orElse(Instant.EPOCH);
    String of = "amendments " + name + " " + since.toEpochMilli();
    long skip = offset(PageToken.read(request, of));
    int limit = request.query("limit", ListRequest.MAX_LIMIT, 1, ListRequest.MAX_LIMIT);
    return Answer.page(
        limit,
        many -> {
          List<Amendment> found =
              domain
                  .amendments()
                  .since(name, since)
                  .filter(amendment -> visible(amendment, caller))
                  .skip(skip)
                  .limit(many + 1L)
                  .toList();
          List<Amendment> page = found.subList(0, Math.min(many, found.size()));
          ObjectNode body = Json.MAPPER.createObjectNode();
          body.set("amendments", Rendered.all(page, Rendered::amendment));
          if (found.size() > many) {
            Cursor next = Cursor.afterKey(Long.toString(skip + many));
            body.put("next", new PageToken(of, next).encode());
          }
          return Answer.json(200, body);
        });
  }

  private static boolean visible(Amendment amendment, Caller caller) {
    return caller.grant().coversPrefix(amendment.key())
        && caller.grant().coversMoment(amendment.time());
  }

  private static long offset(Cursor cursor) {
    return Request.checked(() -> cursor.after().isEmpty() ? 0 : Long.parseLong(cursor.after()));
  }
}
