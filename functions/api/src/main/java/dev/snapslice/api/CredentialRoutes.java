package dev.snapslice.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.api.Api.Route;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Credential;
import dev.snapslice.core.access.Credentials.Issued;
import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.json.Json;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;

/** API tokens, or access keys: issued once, listed without their secrets, revoked. */
final class CredentialRoutes {
  private static final int MOST_BUCKETS = 100;

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

  Map<String, Route> routes() {
    String path = " /v1/" + folder;
    return Map.of(
        "GET" + path, this::list,
        "POST" + path, this::issue,
        "GET" + path + "/{id}", request -> Answer.json(200, Rendered.credential(own(request))),
        "DELETE" + path + "/{id}", this::revoke);
  }

  private Answer list(Request request) {
    Caller caller = request.caller();
    caller.check(Role.ADMIN);
    List<Credential> seen =
        domain.credentials().list(kind).stream()
            .filter(credential -> caller.grant().covers(credential.grant()))
            .toList();
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.set(listName, Rendered.all(seen, Rendered::credential));
    return Answer.json(200, body);
  }

  private Answer issue(Request request) {
    Caller caller = request.caller();
    Fields fields =
        request.fields("principal", "role", "buckets", "prefix", "from", "to", "expires");
    Grant grant = Request.checked(() -> grant(fields));
    if (grant.expired(domain.clock().instant())) {
      throw Problem.invalid("it would have expired already");
    }
    String principal = fields.required("principal");
    Issued issued =
        Request.checked(() -> domain.credentials().issue(kind, principal, grant, caller));
    ObjectNode body = Rendered.credential(issued.credential());
    showSecret.accept(body, issued);
    return Answer.json(201, body);
  }

  private static Grant grant(Fields fields) {
    List<String> buckets = fields.texts("buckets");
    if (buckets.size() > MOST_BUCKETS) {
      throw Problem.invalid("a grant names at most " + MOST_BUCKETS + " buckets");
    }
    return new Grant(
        role(fields.required("role")),
        buckets,
        Request.bounded(fields.text("prefix").orElse("")),
        fields.time("from"),
        fields.time("to"),
        fields.time("expires"));
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
  private Credential own(Request request) {
    Caller caller = request.caller();
    caller.check(Role.ADMIN);
    return domain
        .credentials()
        .get(kind, request.path("id"))
        .filter(credential -> caller.grant().covers(credential.grant()))
        .orElseThrow(() -> Problem.notFound("there is no such credential"));
  }

  private Answer revoke(Request request) {
    domain.credentials().revoke(kind, own(request).id());
    return Answer.nothing();
  }
}
