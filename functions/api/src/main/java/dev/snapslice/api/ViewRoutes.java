package dev.snapslice.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.api.Api.Route;
import dev.snapslice.api.Views.View;
import dev.snapslice.core.bucket.PresignedUrls;
import dev.snapslice.core.index.Cursor;
import dev.snapslice.core.index.ListItem;
import dev.snapslice.core.index.ListPage;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.index.Lookup;
import dev.snapslice.core.index.Summary;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Snapshots and slices: counts, lists, single objects and their URLs. */
final class ViewRoutes {
  /** API Gateway waits for 30 seconds. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Views views;
  private final PresignedUrls urls;

  ViewRoutes(Domain domain, Views views) {
    this.views = views;
    this.urls = new PresignedUrls(domain.clients(), domain.clock());
  }

  /** How a route reads its spec. */
  @FunctionalInterface
  private interface Kind {
    Specs.Spec read(Specs specs, String bucket, String text);
  }

  Map<String, Route> routes() {
    Map<String, Route> routes = new HashMap<>();
    routes.putAll(routes("snapshots", Specs::snapshot));
    routes.putAll(routes("slices", Specs::slice));
    return routes;
  }

  private Map<String, Route> routes(String folder, Kind kind) {
    String path = "GET /v1/buckets/{bucket}/" + folder + "/{spec}";
    return Map.of(
        path,
        request -> summary(request, views.open(request, asked(request, kind))),
        path + "/objects",
        request -> list(request, views.open(request, asked(request, kind))),
        path + "/object",
        request -> object(request, kind),
        path + "/object/url",
        request -> url(request, kind));
  }

  private static Views.Asked asked(Request request, Kind kind) {
    return specs -> kind.read(specs, request.path("bucket"), request.path("spec"));
  }

  private Answer list(Request request, View view) {
    String delimiter = Request.bounded(request.query("delimiter", ""));
    String of = view.bucket().name() + " " + view.spec() + " " + delimiter + " " + view.prefix();
    Cursor cursor = PageToken.read(request, of);
    if (request.query("start-after").isPresent()) {
      if (request.query("page").isPresent()) {
        throw Problem.invalid("start-after and page exclude each other");
      }
      cursor = Cursor.afterKey(Request.bounded(request.required("start-after")));
    }
    int limit = request.query("limit", ListRequest.MAX_LIMIT, 1, ListRequest.MAX_LIMIT);
    Cursor start = cursor;
    return Answer.page(
        limit,
        many -> page(request, view, of, new ListRequest(view.prefix(), delimiter, start, many)));
  }

  private Answer page(Request request, View view, String of, ListRequest asked) {
    ListPage page = views.objects(view).list(asked);
    ObjectNode body = Views.body(view);
    ArrayNode objects = body.putArray("objects");
    ArrayNode prefixes = body.putArray("commonPrefixes");
    for (ListItem item : page.items()) {
      switch (item) {
        case ListItem.Entry entry -> objects.add(Rendered.object(entry.version()));
        case ListItem.CommonPrefix common -> prefixes.add(common.prefix());
      }
    }
    page.next().ifPresent(next -> body.put("next", new PageToken(of, next).encode()));
    return views.answer(request, view, body);
  }

  private Answer summary(Request request, View view) {
    FutureTask<Summary> count = new FutureTask<>(() -> views.objects(view).summary(view.prefix()));
    Thread counting = Thread.ofVirtual().start(count);
    try {
      Summary summary = count.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      ObjectNode body = Views.body(view);
      body.put("objects", summary.objects());
      body.put("bytes", summary.bytes());
      body.put("purged", summary.purged());
      return views.answer(request, view, body);
    } catch (TimeoutException e) {
      counting.interrupt();
      throw Problem.unavailable("there is too much to count here: ask for a prefix, or export it");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    }
  }

  private Answer object(Request request, Kind kind) {
    ObjectKey key = Request.checked(() -> new ObjectKey(request.required("key")));
    View view = views.openAt(request, key.value(), asked(request, kind));
    ObjectNode body = Views.body(view);
    body.remove("prefix");
    body.set("object", Rendered.object(version(view, key)));
    return views.answer(request, view, body);
  }

  private Version version(View view, ObjectKey key) {
    return switch (views.objects(view).lookup(key)) {
      case Lookup.Found found -> found.version();
      case Lookup.Purged purged -> purged.version();
      case Lookup.Deleted deleted ->
          throw Problem.notFound(
              "the key was deleted at " + Rendered.time(deleted.marker().created()));
      case Lookup.Absent absent -> throw Problem.notFound("the view has no such key");
    };
  }

  private Answer url(Request request, Kind kind) {
    ObjectKey key = Request.checked(() -> new ObjectKey(request.required("key")));
    View view = views.openAt(request, key.value(), asked(request, kind));
    Version version = version(view, key);
    version
        .removed()
        .ifPresent(at -> {
          throw Problem.gone("the version was permanently removed at " + Rendered.time(at));
        });
    int most = Math.toIntExact(PresignedUrls.LONGEST.toSeconds());
    int seconds = request.query("expires-in", 900, 1, most);
    PresignedUrls.Signed signed = urls.get(view.bucket(), version, Duration.ofSeconds(seconds));
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.put("method", "GET");
    body.put("url", signed.url());
    ObjectNode headers = body.putObject("headers");
    signed.headers().forEach(headers::put);
    body.put("expires", Rendered.time(signed.expires()));
    return Answer.json(200, body);
  }
}
