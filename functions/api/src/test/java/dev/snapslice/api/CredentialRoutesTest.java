package dev.snapslice.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.api.RestClient.Response;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Credential;
import dev.snapslice.core.access.Credential.Kind;
import dev.snapslice.core.access.Credential.Parent;
import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.index.Cursor;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.testing.Moto;
import dev.snapslice.runtime.testing.LambdaContext;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class CredentialRoutesTest {
  @RegisterExtension static final Moto MOTO = new Moto();

  private final TestInstallation installation = new TestInstallation(MOTO);
  private final RestClient admin = installation.rest().asAdmin();

  @Test
  void a_token_opens_what_it_was_issued_for() throws IOException {
    Response issued =
        admin.post(
            "/v1/tokens",
            "{'principal':'ann','role':'reader','buckets':['films'],'prefix':'a/',"
                + "'to':'2026-11-24T10:00:00+01:00','expires':'tm20261124110000'}");

    JsonNode verdict = authorize("Bearer " + issued.body().path("token").asText());

    assertThat(issued.status()).isEqualTo(201);
    assertThat(verdict.path("isAuthorized").asBoolean()).isTrue();
    assertThat(verdict.path("context").path("principal").asText()).isEqualTo("ann");
    Grant grant = Json.read(verdict.path("context").path("grant").asText(), Grant.class);
    assertThat(grant)
        .isEqualTo(
            new Grant(
                Role.READER,
                List.of("films"),
                "a/",
                Optional.empty(),
                Optional.of(TestInstallation.NOW.minusMillis(250).minusSeconds(3600)),
                Optional.of(TestInstallation.NOW.minusMillis(250).plusSeconds(3600))));
  }

  @Test
  void a_secret_is_shown_once() {
    Response token = admin.post("/v1/tokens", "{'principal':'ann','role':'reader'}");
    Response key = admin.post("/v1/access-keys", "{'principal':'ann','role':'reader'}");

    assertThat(admin.get("/v1/tokens").body().toString())
        .doesNotContain(token.body().path("token").asText().substring(26));
    assertThat(admin.get("/v1/access-keys").body().toString())
        .contains(key.body().path("accessKeyId").asText())
        .doesNotContain(key.body().path("secretAccessKey").asText());
    assertThat(admin.get("/v1/tokens/" + token.body().path("id").asText()).status()).isEqualTo(200);
    assertThat(admin.get("/v1/tokens/" + key.body().path("id").asText()).status()).isEqualTo(404);
  }

  @Test
  void a_revoked_expired_or_made_up_token_opens_nothing() throws IOException {
    Response revoked = admin.post("/v1/tokens", "{'principal':'ann','role':'reader'}");
    Response expired =
        admin.post(
            "/v1/tokens", "{'principal':'ann','role':'reader','expires':'2026-11-24T10:00:01Z'}");
    String token = revoked.body().path("token").asText();
    String other = token.substring(0, 25) + "A".repeat(43);

    assertThat(admin.delete("/v1/tokens/" + revoked.body().path("id").asText()).status())
        .isEqualTo(204);
    installation.later(Duration.ofSeconds(1));

    for (String header :
        List.of(
            "Bearer " + token,
            token,
            "Bearer " + expired.body().path("token").asText(),
            "Bearer " + other,
            "Bearer ",
            "")) {
      assertThat(authorize(header)).hasToString("{\"isAuthorized\":false}");
    }
    assertThat(admin.get("/v1/tokens").body().findValuesAsText("revoked"))
        .containsExactlyInAnyOrder("true", "false");
  }

  @Test
  void nobody_gives_out_more_than_they_have() {
    Grant films =
        new Grant(
            Role.ADMIN,
            List.of("films"),
            "a/",
            Optional.empty(),
            Optional.of(TestInstallation.NOW),
            Optional.of(TestInstallation.NOW.plusSeconds(60)));
    RestClient some = admin.as(new Caller("ann", films));
    RestClient writer = admin.as(new Caller("bob", Grant.everywhere(Role.WRITER)));
    String limits = "'to':'2026-11-24T09:00:00Z','expires':'2026-11-24T10:01:00Z'}";
    String within = "{'principal':'x','role':'admin','buckets':['films'],'prefix':'a/b',";

    assertThat(writer.post("/v1/tokens", "{'principal':'x','role':'reader'}").status())
        .isEqualTo(403);
    assertThat(some.post("/v1/tokens", within + limits).status()).isEqualTo(201);
    for (String body :
        List.of(
            "{'principal':'x','role':'reader'}",
            "{'principal':'x','role':'reader','buckets':['films','songs'],'prefix':'a/'," + limits,
            "{'principal':'x','role':'reader','buckets':['films'],'prefix':'a'," + limits,
            within + "'to':'2026-11-24T10:00:01Z','expires':'2026-11-24T10:01:00Z'}",
            within + "'to':'2026-11-24T10:00:00Z'}")) {
      assertThat(some.post("/v1/tokens", body).status()).as(body).isEqualTo(403);
    }
  }

  @Test
  void who_is_no_administrator_makes_short_lived_ones_for_themselves() {
    RestClient ann = admin.as(new Caller("ann", Grant.everywhere(Role.WRITER)));
    String other =
        admin.post("/v1/tokens", "{'principal':'bob','role':'reader'}").body().at("/id").asText();

    Response job = ann.post("/v1/tokens", "{'role':'writer','expiresIn':3600,'experiments':['7']}");

    assertThat(job.status()).isEqualTo(201);
    assertThat(job.body().at("/principal").asText()).isEqualTo("ann");
    assertThat(job.body().at("/expires").asText()).isEqualTo("2026-11-24T11:00:00.250Z");
    assertThat(job.body().at("/experiments/0").asText()).isEqualTo("7");
    assertThat(ann.get("/v1/tokens").body().findValuesAsText("principal")).containsExactly("ann");
    assertThat(ann.get("/v1/tokens/" + other).status()).isEqualTo(404);
    assertThat(ann.delete("/v1/tokens/" + other).status()).isEqualTo(404);
    assertThat(ann.delete("/v1/tokens/" + job.body().at("/id").asText()).status()).isEqualTo(204);
    for (String refused :
        List.of(
            "'role':'writer'",
            "'role':'writer','expiresIn':604801",
            "'role':'writer','principal':'bob','expiresIn':60",
            "'role':'admin','expiresIn':60")) {
      assertThat(ann.post("/v1/tokens", "{" + refused + "}").status()).as(refused).isEqualTo(403);
    }
  }

  @Test
  void what_a_token_made_ends_with_it_and_makes_nothing() throws IOException {
    Response parent = admin.post("/v1/tokens", "{'principal':'ann','role':'writer'}");
    String id = parent.body().path("id").asText();
    String own = "{'role':'reader','expiresIn':60}";
    Response child = by(id, Role.WRITER).post("/v1/tokens", own);
    Response key = by(id, Role.WRITER).post("/v1/access-keys", own);
    String bearer = "Bearer " + child.body().path("token").asText();
    String childId = child.body().path("id").asText();

    assertThat(authorize(bearer).path("isAuthorized").asBoolean()).isTrue();
    assertThat(authorize(bearer).at("/context/token").asText()).isEqualTo(childId);
    assertThat(by(childId, Role.READER).post("/v1/tokens", own).status()).isEqualTo(403);
    admin.delete("/v1/tokens/" + id);

    assertThat(authorize(bearer).path("isAuthorized").asBoolean()).isFalse();
    assertThat(
            installation
                .domain()
                .credentials()
                .valid(Credential.Kind.ACCESS_KEY, key.body().path("id").asText()))
        .isEmpty();
  }

  private RestClient by(String token, Role role) {
    return admin.as(new Caller("ann", Grant.everywhere(role), Optional.of(token)));
  }

  @Test
  void a_token_for_experiments_issues_none_for_others() {
    Grant job =
        new Grant(
            Role.ADMIN,
            List.of("films"),
            "",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of("7"));
    RestClient some = admin.as(new Caller("ann", job));
    Grant films =
        new Grant(
            Role.ADMIN, List.of("films"), "", Optional.empty(), Optional.empty(), Optional.empty());
    RestClient none = admin.as(new Caller("ann", films));
    String within = "{'role':'reader','buckets':['films']";

    assertThat(some.post("/v1/tokens", within + ",'experiments':['7']}").status()).isEqualTo(201);
    assertThat(some.post("/v1/tokens", within + "}").status()).isEqualTo(201);
    assertThat(some.post("/v1/tokens", within + ",'experiments':['7','8']}").status())
        .isEqualTo(403);
    assertThat(none.post("/v1/tokens", within + ",'experiments':['7']}").status()).isEqualTo(403);
  }

  @Test
  void sessions_are_seen_and_ended_by_those_whose_they_are_and_by_administrators()
      throws IOException {
    Instant end = TestInstallation.NOW.plusSeconds(60);
    Grant grant =
        new Grant(Role.READER, List.of(), "", Optional.empty(), Optional.empty(), Optional.of(end));
    RestClient ann = admin.as(new Caller("ann", Grant.everywhere(Role.READER)));
    RestClient bob = admin.as(new Caller("bob", Grant.everywhere(Role.READER)));
    String cookie = installation.domain().credentials().begin("ann", grant).cookie();

    JsonNode seen = admin.get("/v1/sessions").body();
    String path = "/v1/sessions/" + seen.at("/sessions/0/id").asText();

    assertThat(seen.toString()).doesNotContain(cookie.substring(25));
    assertThat(bob.get("/v1/sessions").body().at("/sessions")).isEmpty();
    assertThat(bob.delete(path).status()).isEqualTo(404);
    assertThat(ann.get(path).body().at("/principal").asText()).isEqualTo("ann");
    assertThat(authorize("Session " + cookie).path("isAuthorized").asBoolean()).isTrue();
    assertThat(ann.delete(path).status()).isEqualTo(204);
    assertThat(authorize("Session " + cookie).path("isAuthorized").asBoolean()).isFalse();
  }

  @Test
  void lists_in_pages() {
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      made.add(
          admin.post("/v1/tokens", "{'principal':'x','role':'reader'}").body().path("id").asText());
    }
    List<String> seen = new ArrayList<>();
    JsonNode page = admin.get("/v1/tokens?limit=2").body();
    while (page.has("next")) {
      assertThat(page.path("tokens")).hasSizeLessThan(3);
      seen.addAll(page.findValuesAsText("id"));
      page = admin.get("/v1/tokens?limit=2&page=" + page.path("next").asText()).body();
    }
    seen.addAll(page.findValuesAsText("id"));

    assertThat(seen).containsExactlyInAnyOrderElementsOf(made);
    assertThat(admin.get("/v1/access-keys?page=" + token("tokens")).status()).isEqualTo(400);
  }

  private static String token(String of) {
    return new PageToken(of, Cursor.afterKey("x")).encode();
  }

  @Test
  void a_browsers_session_opens_nothing_here() {
    ObjectNode event = RestClient.sample("apigateway-request.json");
    event.put("routeKey", "GET /v1/tokens").put("rawPath", "/v1/tokens");
    ((ObjectNode) event.path("headers")).put("sec-fetch-site", "same-origin");
    ((ObjectNode) event.path("requestContext"))
        .putObject("authorizer")
        .putObject("lambda")
        .put("principal", "ann")
        .put("grant", Json.write(Grant.everywhere(Role.ADMIN)))
        .put("session", true);

    assertThat(admin.send(event).status()).isEqualTo(403);
  }

  @Test
  void a_parent_is_read_as_it_was_noted_before_sessions_could_be_one() {
    assertThat(Json.read("\"SNAPX\"", Parent.class)).isEqualTo(new Parent(Kind.TOKEN, "SNAPX"));
    assertThat(Json.read(Json.write(new Parent(Kind.SESSION, "S")), Parent.class))
        .isEqualTo(new Parent(Kind.SESSION, "S"));
  }

  @Test
  void an_administrator_of_some_sees_and_revokes_what_they_could_have_issued() {
    Grant films =
        new Grant(
            Role.ADMIN, List.of("films"), "", Optional.empty(), Optional.empty(), Optional.empty());
    RestClient some = admin.as(new Caller("ann", films));
    String all =
        admin.post("/v1/tokens", "{'principal':'x','role':'reader'}").body().path("id").asText();
    String own =
        some.post("/v1/tokens", "{'principal':'y','role':'reader','buckets':['films']}")
            .body()
            .path("id")
            .asText();

    assertThat(some.get("/v1/tokens").body().findValuesAsText("id")).containsExactly(own);
    assertThat(some.delete("/v1/tokens/" + all).status()).isEqualTo(404);
    assertThat(some.delete("/v1/tokens/" + own).status()).isEqualTo(204);
  }

  @Test
  void refuses_a_grant_with_a_limit_that_it_does_not_understand() {
    for (String limit :
        List.of(
            "'bucket':'films'",
            "'buckets':[]",
            "'buckets':'films'",
            "'buckets':['']",
            "'buckets':['films','a/b']",
            "'expires':'soon'",
            "'expires':null",
            "'prefix':null",
            "'expiresIn':0",
            "'expiresIn':1.5",
            "'expiresIn':'60'",
            "'expiresIn':60,'expires':'2026-11-25T09:00:00Z'",
            "'experiments':['films']",
            "'experiments':[]",
            "'expires':'2026-11-24T09:00:00Z'",
            "'from':'2026-11-24T09:00:00Z','to':'2026-11-24T08:00:00Z'")) {
      String body = "{'principal':'x','role':'reader'," + limit + "}";
      assertThat(admin.post("/v1/tokens", body).status()).as(body).isEqualTo(400);
    }
    assertThat(admin.post("/v1/tokens", "{'principal':'x','role':'king'}").status()).isEqualTo(400);
    assertThat(admin.post("/v1/tokens", "{'principal':'','role':'reader'}").status())
        .isEqualTo(400);
  }

  @Test
  void a_browsers_session_is_known_as_one_and_is_no_token() throws IOException {
    Instant end = TestInstallation.NOW.plusSeconds(60);
    Grant grant =
        new Grant(Role.READER, List.of(), "", Optional.empty(), Optional.empty(), Optional.of(end));
    String cookie = installation.domain().credentials().begin("ann", grant).cookie();

    JsonNode known = authorize("Session " + cookie);

    assertThat(known.path("isAuthorized").asBoolean()).isTrue();
    assertThat(known.at("/context/session").asBoolean()).isTrue();
    assertThat(known.at("/context/principal").asText()).isEqualTo("ann");
    assertThat(authorize("Bearer " + cookie).path("isAuthorized").asBoolean()).isFalse();
    assertThat(authorize("Session " + cookie + "x").path("isAuthorized").asBoolean()).isFalse();
    assertThat(authorize("Session").path("isAuthorized").asBoolean()).isFalse();
  }

  private JsonNode authorize(String header) throws IOException {
    ObjectNode event = RestClient.sample("apigateway-authorizer.json");
    ((ObjectNode) event.path("headers")).put("authorization", header);
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    new AuthorizerHandler(installation.domain().credentials())
        .handleRequest(
            new ByteArrayInputStream(Json.write(event).getBytes(UTF_8)),
            output,
            new LambdaContext());
    return Json.MAPPER.readTree(output.toByteArray());
  }
}
