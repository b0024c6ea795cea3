package dev.snapslice.api;

import dev.snapslice.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** All routes of the contract, and what answers each. Thread-safe. */
final class Api {
  private final Map<String, Route> routes = new TreeMap<>();

  /** Answers the requests of one route. */
  @FunctionalInterface
  interface Route {
    /**
     * Answers a request.
     *
     * @throws Problem if it is refused; see {@link Problem#of} for what else may be thrown
     */
    Answer answer(Request request);
  }

  Api(Domain domain) {
    Views views = new Views(domain);
    routes.put("GET /health", request -> health(domain));
    routes.put("GET /version", request -> version());
    routes.putAll(new BucketRoutes(domain).routes());
    routes.putAll(new StoreEventRoutes(domain).routes());
    routes.putAll(new ViewRoutes(domain, views).routes());
    routes.putAll(new ChangeRoutes(domain, views).routes());
    routes.putAll(new LabelRoutes(domain, views).routes());
    routes.putAll(new RestoreRoutes(domain, views).routes());
    routes.putAll(new ExportRoutes(domain, views).routes());
    routes.putAll(new RunRoutes(domain, views).routes());
    routes.putAll(CredentialRoutes.tokens(domain).routes());
    routes.putAll(CredentialRoutes.accessKeys(domain).routes());
    routes.putAll(CredentialRoutes.sessions(domain).routes());
  }

  Map<String, Route> routes() {
    return routes;
  }

  Answer answer(Request request) {
    Route route = routes.get(request.route());
    if (route == null) {
      throw Problem.notFound("there is no route " + request.route());
    }
    return route.answer(request);
  }

  /** It works if it can read its tables. */
  private static Answer health(Domain domain) {
    Objects.requireNonNull(domain.buckets().get("health"));
    return Answer.json(200, Json.MAPPER.createObjectNode().put("status", "ok"));
  }

  private static Answer version() {
    try (InputStream text = Api.class.getResourceAsStream("/snapslice-version.txt")) {
      String version = new String(text.readAllBytes(), StandardCharsets.UTF_8).strip();
      return Answer.json(
          200, Json.MAPPER.createObjectNode().put("name", "snapslice").put("version", version));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
