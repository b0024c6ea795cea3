package dev.snapslice.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.api.RestClient.Response;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.bucket.Amendment;
import dev.snapslice.core.testing.Moto;
import dev.snapslice.core.version.VersionEvent.Kind;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class BucketRoutesTest {
  @RegisterExtension static final Moto MOTO = new Moto();

  private final TestInstallation installation = new TestInstallation(MOTO);
  private final RestClient admin = installation.rest().asAdmin();

  @Test
  void registers_a_bucket_once() {
    Response first = admin.post("/v1/buckets", "{'name':'films'}");
    Response second = admin.post("/v1/buckets", "{'name':'films'}");

    assertThat(first.status()).isEqualTo(201);
    assertThat(first.body().path("status").asText()).isEqualTo("DISABLED");
    assertThat(second.status()).isEqualTo(409);
    assertThat(admin.get("/v1/buckets/films").body()).isEqualTo(first.body());
  }

  @Test
  void registers_buckets_of_other_accounts_and_stores() {
    Response role =
        admin.post(
            "/v1/buckets",
            """
            {'name':'theirs','location':{'type':'role',
             'roleArn':'arn:aws:iam::123456789012:role/snapslice-x','externalId':'abc'}}
            """);
    Response store =
        admin.post(
            "/v1/buckets",
            """
            {'name':'minio','location':{'type':'store','endpoint':'https://minio.example:9000',
             'region':'eu','secretName':'snapslice/minio'}}
            """);

    assertThat(role.status()).isEqualTo(201);
    assertThat(store.body().path("webhookSecret").asText()).hasSizeGreaterThan(40);
    assertThat(admin.get("/v1/buckets/minio").body().has("webhookSecret")).isFalse();
  }

  @Test
  void changes_how_a_bucket_is_read() {
    admin.post("/v1/buckets", "{'name':'films'}");

    Response changed = admin.patch("/v1/buckets/films", "{'latestKnown':true}");

    assertThat(changed.body().path("latestKnown").asBoolean()).isTrue();
    assertThat(admin.patch("/v1/buckets/films", "{}").body()).isEqualTo(changed.body());
    assertThat(admin.patch("/v1/buckets/films", "{'latestKnown':'yes'}").status()).isEqualTo(400);
    assertThat(admin.patch("/v1/buckets/films", "{'latestKnown':null}").status()).isEqualTo(400);
    assertThat(admin.patch("/v1/buckets/films", "").status()).isEqualTo(400);
    assertThat(admin.patch("/v1/buckets/songs", "{'latestKnown':true}").status()).isEqualTo(404);
  }

  @Test
  void refuses_what_is_no_bucket_or_no_location() {
    for (String body :
        List.of(
            "{}",
            "{'name':'a b'}",
            "{'name':'films','location':{'type':'moon'}}",
            "{'name':'films','location':{'type':'role','roleArn':'x','externalId':'abc'}}",
            "{'name':'films','webhookSecret':'012345678901234567890'}",
            "{'name':'films','location':{'type':'store','endpoint':'file:///','region':'eu',"
                + "'secretName':'snapslice/minio'}}")) {
      assertThat(admin.post("/v1/buckets", body).status()).as(body).isEqualTo(400);
    }
  }

  @Test
  void lists_the_buckets_that_the_caller_may_read() {
    installation.activeBucket("films");
    installation.activeBucket("songs");
    Grant songs =
        new Grant(
            Role.READER,
            List.of("songs"),
            "",
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    RestClient reader = admin.as(new Caller("ann", songs));

    assertThat(admin.get("/v1/buckets").body().findValuesAsText("name"))
        .containsExactly("films", "songs");
    assertThat(reader.get("/v1/buckets").body().findValuesAsText("name")).containsExactly("songs");
    assertThat(reader.get("/v1/buckets/films").status()).isEqualTo(403);
    assertThat(reader.get("/v1/buckets/nothing").status()).isEqualTo(403);
    assertThat(admin.get("/v1/buckets/nothing").status()).isEqualTo(404);
  }

  @Test
  void enabling_is_asked_of_maintenance() {
    admin.post("/v1/buckets", "{'name':'films'}");

    Response enabled = admin.post("/v1/buckets/films/enable", "");

    assertThat(enabled.status()).isEqualTo(202);
    assertThat(enabled.body().path("status").asText()).isEqualTo("ENABLING");
    assertThat(installation.tasks()).containsExactly("{\"type\":\"Enable\",\"bucket\":\"films\"}");
  }

  @Test
  void an_active_bucket_is_reconciled_or_disabled_but_not_removed() {
    installation.activeBucket("films");

    assertThat(admin.delete("/v1/buckets/films").status()).isEqualTo(409);
    assertThat(admin.post("/v1/buckets/films/reconcile", "{'prefix':'a/'}").status())
        .isEqualTo(202);
    assertThat(admin.post("/v1/buckets/films/disable", "").body().path("status").asText())
        .isEqualTo("DISABLING");
    assertThat(admin.post("/v1/buckets/films/reconcile", "").status()).isEqualTo(409);
    assertThat(installation.tasks())
        .containsExactlyInAnyOrder(
            "{\"type\":\"Reconcile\",\"bucket\":\"films\",\"prefix\":\"a/\"}",
            "{\"type\":\"Disable\",\"bucket\":\"films\"}");
  }

  @Test
  void a_disabled_bucket_is_removed() {
    admin.post("/v1/buckets", "{'name':'films'}");

    assertThat(admin.delete("/v1/buckets/films").status()).isEqualTo(204);
    assertThat(admin.get("/v1/buckets/films").status()).isEqualTo(404);
  }

  @Test
  void only_an_administrator_changes_a_bucket() {
    installation.activeBucket("films");
    RestClient writer = admin.as(new Caller("ann", Grant.everywhere(Role.WRITER)));

    assertThat(writer.post("/v1/buckets", "{'name':'more'}").status()).isEqualTo(403);
    assertThat(writer.post("/v1/buckets/films/disable", "").status()).isEqualTo(403);
    assertThat(writer.post("/v1/buckets/films/reconcile", "").status()).isEqualTo(403);
    assertThat(writer.patch("/v1/buckets/films", "{'latestKnown':true}").status()).isEqualTo(403);
    assertThat(writer.delete("/v1/buckets/films").status()).isEqualTo(403);
  }

  @Test
  void lists_amendments_page_by_page() {
    installation.activeBucket("films");
    var late =
        IntStream.range(0, 5)
            .mapToObj(i ->
                Amendment.of(
                    TestInstallation.event("k" + i, "v", Kind.CREATED, TestInstallation.NOW),
                    TestInstallation.NOW))
            .toList();
    installation.domain().amendments().record("films", late);

    Response first = admin.get("/v1/buckets/films/amendments?limit=3");
    String next = first.body().path("next").asText();
    Response second = admin.get("/v1/buckets/films/amendments?limit=3&page=" + next);

    assertThat(first.body().findValuesAsText("key")).containsExactly("k0", "k1", "k2");
    assertThat(second.body().findValuesAsText("key")).containsExactly("k3", "k4");
    assertThat(second.body().has("next")).isFalse();
    assertThat(admin.get("/v1/buckets/films").body().path("amendments").path("count").asInt())
        .isEqualTo(5);
    assertThat(
            admin
                .get("/v1/buckets/films/amendments?since=2026-11-24T10:00:00.250Z")
                .body()
                .path("amendments"))
        .isEmpty();
  }
}
