package dev.snapslice.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.api.Api.Route;
import dev.snapslice.api.Views.View;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.index.Cursor;
import dev.snapslice.core.index.DiffEntry;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.time.ViewSpec;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** What happened, as opposed to what was there: diffs, histories of keys, and time lines. */
final class ChangeRoutes {
  private static final int MOST_INTERVALS = 1000;
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofDays(3660);

  private final Domain domain;
  private final Views views;

  ChangeRoutes(Domain domain, Views views) {
    this.domain = domain;
    this.views = views;
  }

  Map<String, Route> routes() {
    return Map.of(
        "GET /v1/buckets/{bucket}/diff", this::diff,
        "GET /v1/buckets/{bucket}/history", this::history,
        "GET /v1/buckets/{bucket}/timeline", this::timeline);
  }

  private static int limit(Request request) {
    return request.query("limit", ListRequest.MAX_LIMIT, 1, ListRequest.MAX_LIMIT);
  }

  private static Views.Asked between(Request request) {
    return specs ->
        specs.between(request.path("bucket"), request.required("from"), request.required("to"));
  }

  private Answer diff(Request request) {
    View view = views.open(request, between(request));
    String of = "diff " + view.bucket().name() + " " + view.spec() + " " + view.prefix();
    Cursor start = PageToken.read(request, of);
    return Answer.page(limit(request), many -> page(request, view, of, start, many));
  }

  private Answer page(Request request, View view, String of, Cursor start, int limit) {
    ViewSpec.Slice window = (ViewSpec.Slice) view.spec();
    Iterator<DiffEntry> entries =
        domain.index().diff(view.bucket().name(), window.from(), window.to(), view.prefix(), start);
    Cursor cursor = start;
    ObjectNode body = Views.body(view);
    ArrayNode changes = body.putArray("changes");
    while (entries.hasNext() && changes.size() < limit) {
      DiffEntry entry = entries.next();
      changes.add(Rendered.change(entry));
      cursor = Cursor.afterKey(entry.key().value());
    }
    if (entries.hasNext()) {
      body.put("next", new PageToken(of, cursor).encode());
    }
    return views.answer(request, view, body);
  }

  private Answer history(Request request) {
    ObjectKey key = Request.checked(() -> new ObjectKey(request.required("key")));
    String name = request.path("bucket");
    Caller caller = request.caller();
    caller.check(Role.READER, name, key.value());
    Bucket bucket = domain.buckets().require(name);
    String of = "history " + name + " " + key;
    String after = PageToken.read(request, of).after();
    int limit = limit(request);
    List<Version> all = visible(domain.index().history(name, key), caller);
    List<Version> rest = after.isEmpty() ? all : after(all, after);
    List<Version> page = rest.subList(0, Math.min(limit, rest.size()));
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.put("bucket", name);
    body.put("key", key.value());
    body.set("versions", Rendered.all(page, Rendered::version));
    if (page.size() < rest.size()) {
      Cursor next = Cursor.afterKey(position(page.getLast()));
      body.put("next", new PageToken(of, next).encode());
    }
    Answer answer = Answer.json(200, body);
    return bucket
        .history()
        .indexedThrough()
        .map(through -> answer.with("indexed-through", Rendered.time(through)))
        .orElse(answer);
  }

  /** Of the versions, newest first, those that were current at a moment that the caller may see. */
  private static List<Version> visible(List<Version> versions, Caller caller) {
    List<Version> visible = new ArrayList<>();
    Instant replaced = Instant.MAX;
    for (Version version : versions) {
      boolean tooNew = caller.grant().to().map(end -> version.created().isAfter(end)).orElse(false);
      Instant until = replaced;
      boolean tooOld = caller.grant().from().map(start -> !until.isAfter(start)).orElse(false);
      if (!tooNew && !tooOld) {
        visible.add(version);
      }
      replaced = version.created();
    }
    return visible;
  }

  /** Where a version stands among those of its key; null versions share their id. */
  private static String position(Version version) {
    return "%015d %s".formatted(version.created().toEpochMilli(), version.versionId());
  }

  /** What comes after a version, which may be gone since. */
  private static List<Version> after(List<Version> versions, String position) {
    List<String> positions = versions.stream().map(ChangeRoutes::position).toList();
    int last = positions.lastIndexOf(position);
    return last >= 0
        ? versions.subList(last + 1, versions.size())
        : versions.stream().filter(v -> position(v).compareTo(position) < 0).toList();
  }

  private Answer timeline(Request request) {
    View view = views.open(request, between(request));
    request.caller().check(Role.READER, view.bucket().name(), "");
    ViewSpec.Slice window = (ViewSpec.Slice) view.spec();
    Duration resolution = resolution(request.required("resolution"));
    if (Duration.between(window.from(), window.to()).dividedBy(resolution) > MOST_INTERVALS) {
      throw Problem.invalid(
          "that are more than " + MOST_INTERVALS + " intervals: ask for longer ones");
    }
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.put("bucket", view.bucket().name());
    body.put("from", Rendered.time(window.from()));
    body.put("to", Rendered.time(window.to()));
    body.put("resolution", resolution.toString());
    body.set(
        "intervals",
        Rendered.all(
            domain.index().timeline(view.bucket().name(), window.from(), window.to(), resolution),
            Rendered::interval));
    return views.answer(request, view, body);
  }

  private static Duration resolution(String text) {
    try {
      Duration resolution = Duration.parse(text);
      if (resolution.compareTo(SHORTEST) >= 0 && resolution.compareTo(LONGEST) <= 0) {
        return resolution;
      }
    } catch (DateTimeException e) {
      throw unreadable(text);
    }
    throw unreadable(text);
  }

  private static Problem unreadable(String text) {
    return Problem.invalid(
        "cannot read '" + text + "': want an ISO 8601 duration from PT1S to P3660D, as PT1H");
  }
}
