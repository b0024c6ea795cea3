package dev.snapslice.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.api.RestClient.Response;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.testing.Moto;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Restores and exports: what starts them, and how far they have come. */
class JobRoutesTest {
  @RegisterExtension static final Moto MOTO = new Moto();

  private static final Instant NINE = Instant.parse("2026-11-24T09:00:00Z");
  private static final String RESTORES = "/v1/buckets/films/restores";
  private static final String EXPORTS = "/v1/buckets/films/exports";
  private static final String AT_NINE = "{'spec':'tm20261124090000'}";

  private final TestInstallation installation = new TestInstallation(MOTO);
  private final RestClient rest = installation.rest().asAdmin();

  /** a changed, b deleted and c new since nine. */
  @BeforeEach
  void films() {
    installation.activeBucket("films");
    installation.activeBucket("copies");
    installation.put("films", "a", "a1", NINE);
    installation.put("films", "b", "b1", NINE);
    installation.put("films", "a", "a2", NINE.plusSeconds(60));
    installation.delete("films", "b", "b2", NINE.plusSeconds(60));
    installation.put("films", "c", "c1", NINE.plusSeconds(60));
  }

  @Test
  void a_plan_counts_what_would_be_done() {
    Response plan = rest.post(RESTORES + "/plan", AT_NINE);
    Response copying =
        rest.post(RESTORES + "/plan", "{'spec':'tm20261124090000','markers':'copy','prefix':'b'}");

    assertThat(plan.body().path("counts").toString())
        .isEqualTo(
            "{\"undelete\":1,\"copyBack\":1,\"hide\":1,\"copy\":0,\"purged\":0,\"bytes\":3}");
    assertThat(plan.body().path("now").asText()).isEqualTo("2026-11-24T10:00:00.250Z");
    assertThat(copying.body().path("counts").path("copyBack").asInt()).isEqualTo(1);
    assertThat(installation.tasks()).isEmpty();
  }

  @Test
  void a_restore_is_started_shown_listed_and_cancelled() {
    Response started = rest.post(RESTORES, AT_NINE);
    String id = started.body().path("id").asText();
    Response cancelled = rest.post(RESTORES + "/" + id + "/cancel", "");

    assertThat(started.status()).isEqualTo(202);
    assertThat(started.body().path("status").asText()).isEqualTo("PLANNED");
    assertThat(installation.tasks())
        .containsExactly("{\"type\":\"Restore\",\"jobId\":\"films/" + id + "\"}");
    assertThat(cancelled.body().path("status").asText()).isEqualTo("CANCELLED");
    assertThat(rest.get(RESTORES + "/" + id).body()).isEqualTo(cancelled.body());
    assertThat(rest.get(RESTORES).body().findValuesAsText("id")).containsExactly(id);
  }

  @Test
  void restores_are_listed_newest_first_and_page_by_page() {
    String first = rest.post(RESTORES, AT_NINE).body().path("id").asText();
    installation.later(Duration.ofSeconds(1));
    String second = rest.post(RESTORES, AT_NINE).body().path("id").asText();

    Response page = rest.get(RESTORES + "?limit=1");
    String next = page.body().path("next").asText();

    assertThat(page.body().findValuesAsText("id")).containsExactly(second);
    assertThat(rest.get(RESTORES + "?limit=1&page=" + next).body().findValuesAsText("id"))
        .containsExactly(first);
  }

  @Test
  void a_restore_that_needs_purged_versions_is_refused_with_their_list() {
    installation.remove("films", "a", "a1", NINE.plusSeconds(120));

    Response plan = rest.post(RESTORES + "/plan", AT_NINE);
    Response started = rest.post(RESTORES, AT_NINE);

    assertThat(plan.body().path("refused").asBoolean()).isTrue();
    assertThat(plan.body().path("purgedKeys").path(0).asText()).isEqualTo("a");
    assertThat(started.status()).isEqualTo(409);
    assertThat(started.body().path("purged").path(0).asText()).isEqualTo("a");
    assertThat(installation.tasks()).isEmpty();
  }

  @Test
  void nothing_is_restored_to_before_its_history_is_known() {
    installation.knownSince("films", NINE.plusMillis(1));

    assertThat(rest.post(RESTORES + "/plan", AT_NINE).status()).isEqualTo(409);
    assertThat(rest.post(RESTORES, AT_NINE).status()).isEqualTo(409);
    assertThat(rest.get("/v1/buckets/films/snapshots/tm20261124090000").header("history-since"))
        .isEqualTo("2026-11-24T09:00:00.001Z");
    assertThat(rest.get("/v1/buckets/films/snapshots/tm20261124090001").header("history-since"))
        .isEmpty();
  }

  @Test
  void a_slice_is_copied_to_a_target_but_is_no_present() {
    String slice = "'spec':'tm20261124090000-tm20261124093000'";

    Response copied =
        rest.post(RESTORES, "{" + slice + ",'target':{'bucket':'copies','prefix':'of/'}}");

    assertThat(copied.body().path("target").path("prefix").asText()).isEqualTo("of/");
    assertThat(rest.post(RESTORES, "{" + slice + "}").status()).isEqualTo(400);
    assertThat(rest.post(RESTORES, "{" + slice + ",'target':{'bucket':'nowhere'}}").status())
        .isEqualTo(404);
  }

  @Test
  void restores_are_for_writers_of_what_is_written() {
    var grant =
        new Grant(
            Role.WRITER,
            List.of("films"),
            "a",
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    RestClient writer = rest.as(new Caller("ann", grant));
    RestClient reader = rest.as(new Caller("bob", Grant.everywhere(Role.READER)));
    String part = "{'spec':'tm20261124090000','prefix':'a'";

    assertThat(reader.post(RESTORES, AT_NINE).status()).isEqualTo(403);
    assertThat(writer.post(RESTORES, AT_NINE).status()).isEqualTo(403);
    assertThat(writer.post(RESTORES, part + ",'target':{'bucket':'copies'}}").status())
        .isEqualTo(403);
    assertThat(writer.post(RESTORES, part + "}").status()).isEqualTo(202);
    assertThat(rest.get(RESTORES + "/0-0").status()).isEqualTo(404);
  }

  @Test
  void an_export_is_started_and_shown() {
    Response started =
        rest.post(
            EXPORTS,
            "{'spec':'tm20261124090000','format':'csv','target':{'bucket':'copies','prefix':'x/'}}");
    String id = started.body().path("id").asText();

    assertThat(started.status()).isEqualTo(202);
    assertThat(rest.get(EXPORTS + "/" + id).body()).isEqualTo(started.body());
    assertThat(installation.tasks())
        .containsExactly("{\"type\":\"Export\",\"jobId\":\"films/" + id + "\"}");
  }

  @Test
  void exports_go_where_their_caller_may_write() {
    RestClient reader = rest.as(new Caller("bob", Grant.everywhere(Role.READER)));
    String target = ",'target':{'bucket':'copies'}}";

    assertThat(reader.post(EXPORTS, "{'spec':'tm20261124090000'" + target).status()).isEqualTo(403);
    assertThat(rest.post(EXPORTS, AT_NINE).status()).isEqualTo(400);
    assertThat(rest.post(EXPORTS, "{'spec':'tm20261124090000','format':'xml'" + target).status())
        .isEqualTo(400);
    assertThat(rest.get(EXPORTS + "/0-0").status()).isEqualTo(404);
  }

  @Test
  void what_is_no_buckets_name_is_no_target() {
    for (String target : List.of("", "a/b", "x".repeat(3_000))) {
      String body = "{'spec':'tm20261124090000','target':{'bucket':'" + target + "'}}";
      for (String path : List.of(EXPORTS, RESTORES, RESTORES + "/plan")) {
        assertThat(rest.post(path, body).status()).as("%s %s", path, target).isEqualTo(404);
      }
    }
    String prefix = "'target':{'bucket':'copies','prefix':'" + "x".repeat(1_025) + "'}";
    String body = "{'spec':'tm20261124090000'," + prefix + "}";
    assertThat(rest.post(EXPORTS, body).status()).isEqualTo(400);
    assertThat(rest.post(RESTORES, body).status()).isEqualTo(400);
  }
}
