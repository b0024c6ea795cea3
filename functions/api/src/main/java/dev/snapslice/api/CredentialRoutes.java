package dev.snapslice.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.api.Api.Route;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Credential;
import dev.snapslice.core.access.Credentials.Issued;
import dev.snapslice.core.access.Credentials.Page;
import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.index.Cursor;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * API tokens, access keys, or sessions of browsers: issued once, listed without their secrets,
 * revoked. Who is no administrator has to do with their own only.
 */
final class CredentialRoutes {
  private static final int MOST_NAMED = 100;
  private static final long LONGEST_SECONDS = Duration.ofDays(3650).toSeconds();

  private final Domain domain;
  private final Credential.Kind kind;
  private final String folder;
  private final String listName;
  private final BiConsumer<ObjectNode, Issued> showSecret;

  private CredentialRoutes(
      Domain domain,
      Credential.Kind kind,
      String folder,
      String listName,
      BiConsumer<ObjectNode, Issued> showSecret) {
    this.domain = domain;
    this.kind = kind;
    this.folder = folder;
    this.listName = listName;
    this.showSecret = showSecret;
  }

  static CredentialRoutes tokens(Domain domain) {
    return new CredentialRoutes(
        domain,
        Credential.Kind.TOKEN,
        "tokens",
        "tokens",
        (body, issued) -> body.put("token", issued.token()));
  }

  static CredentialRoutes accessKeys(Domain domain) {
    return new CredentialRoutes(
        domain,
        Credential.Kind.ACCESS_KEY,
        "access-keys",
        "accessKeys",
        (body, issued) ->
            body.put("accessKeyId", issued.credential().id())
                .put("secretAccessKey", issued.secret()));
  }

  /** Signing in makes these, and shows them to nobody but a browser. */
  static CredentialRoutes sessions(Domain domain) {
    return new CredentialRoutes(
        domain, Credential.Kind.SESSION, "sessions", "sessions", (body, issued) -> {});
  }

  Map<String, Route> routes() {
    String path = " /v1/" + folder;
    Map<String, Route> routes = new HashMap<>();
    routes.put("GET" + path, this::list);
    routes.put(
        "GET" + path + "/{id}", request -> Answer.json(200, Rendered.credential(own(request))));
    routes.put("DELETE" + path + "/{id}", this::revoke);
    if (kind != Credential.Kind.SESSION) {
      routes.put("POST" + path, this::issue);
    }
    return routes;
  }

  private Answer list(Request request) {
    Cursor start = PageToken.read(request, listName);
    int limit = request.query("limit", ListRequest.MAX_LIMIT, 1, ListRequest.MAX_LIMIT);
    return Answer.page(limit, many -> page(request.caller(), start, many));
  }

  private Answer page(Caller caller, Cursor start, int limit) {
    Page page = domain.credentials().list(kind, start.after(), limit);
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.set(
        listName,
        Rendered.all(
            page.credentials().stream().filter(credential -> isSeen(credential, caller)).toList(),
            Rendered::credential));
    page.last()
        .ifPresent(
            last -> body.put("next", new PageToken(listName, Cursor.afterKey(last)).encode()));
    return Answer.json(200, body);
  }

  private Answer issue(Request request) {
    Caller caller = request.caller();
    Fields fields =
        request.fields(
            "principal",
            "role",
            "buckets",
            "prefix",
            "from",
            "to",
            "expires",
            "expiresIn",
            "experiments");
    Grant grant = Request.checked(() -> grant(fields));
    if (grant.expired(domain.clock().instant())) {
      throw Problem.invalid("it would have expired already");
    }
    String principal = fields.text("principal").orElse(caller.principal());
    Issued issued =
        Request.checked(() -> domain.credentials().issue(kind, principal, grant, caller));
    ObjectNode body = Rendered.credential(issued.credential());
    showSecret.accept(body, issued);
    return Answer.json(201, body);
  }

  private Grant grant(Fields fields) {
    List<String> experiments = named(fields, "experiments");
    if (!experiments.stream().allMatch(id -> id.matches("[0-9]{1,19}"))) {
      throw Problem.invalid("an experiment's id is a number");
    }
    List<String> buckets = named(fields, "buckets");
    if (!buckets.stream().allMatch(Bucket::isName)) {
      throw Problem.invalid("a grant names what no bucket is called");
    }
    return new Grant(
        role(fields.required("role")),
        buckets,
        fields.prefix(),
        fields.time("from"),
        fields.time("to"),
        end(fields),
        experiments);
  }

  private Optional<Instant> end(Fields fields) {
    Optional<Instant> end = fields.time("expires");
    Optional<Instant> after =
        fields.number("expiresIn", 1, LONGEST_SECONDS).map(domain.clock().instant()::plusSeconds);
    if (end.isPresent() && after.isPresent()) {
      throw Problem.invalid("give 'expires' or 'expiresIn', not both");
    }
    return end.or(() -> after);
  }

  private static List<String> named(Fields fields, String name) {
    List<String> named = fields.texts(name);
    if (named.size() > MOST_NAMED) {
      throw Problem.invalid("a grant names at most %d %s".formatted(MOST_NAMED, name));
    }
    return named;
  }

  private static Role role(String text) {
    for (Role role : Role.values()) {
      if (role.name().toLowerCase(Locale.ROOT).equals(text)) {
        return role;
      }
    }
    throw Problem.invalid("a role is admin, writer or reader");
  }

  /** What is beyond the caller's own grant does not exist for them. */
  private static boolean isSeen(Credential credential, Caller caller) {
    boolean theirs =
        caller.grant().role() == Role.ADMIN || credential.principal().equals(caller.principal());
    return theirs && caller.grant().covers(credential.grant());
  }

  private Credential own(Request request) {
    return domain
        .credentials()
        .get(kind, request.path("id"))
        .filter(credential -> isSeen(credential, request.caller()))
        .orElseThrow(() -> Problem.notFound("there is no such credential"));
  }

  private Answer revoke(Request request) {
    domain.credentials().revoke(kind, own(request).id());
    return Answer.nothing();
  }
}
