package dev.snapslice.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.api.RestClient.Response;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.testing.Moto;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ChangeRoutesTest {
  @RegisterExtension static final Moto MOTO = new Moto();

  private static final Instant NINE = Instant.parse("2026-11-24T09:00:00Z");
  private static final String DIFF =
      "/v1/buckets/films/diff?from=tm20261124090000&to=2026-11-24T09:30:00Z";

  private final TestInstallation installation = new TestInstallation(MOTO);
  private final RestClient rest = installation.rest().asAdmin();

  @BeforeEach
  void films() {
    installation.activeBucket("films");
    installation.put("films", "a", "a1", NINE);
    installation.put("films", "b", "b1", NINE);
    installation.put("films", "a", "a2", NINE.plusSeconds(60));
    installation.delete("films", "b", "b2", NINE.plusSeconds(120));
    installation.put("films", "c", "c1", NINE.plusSeconds(180));
  }

  @Test
  void tells_what_differs_between_two_moments() {
    JsonNode changes = rest.get(DIFF).body().path("changes");

    assertThat(changes.findValuesAsText("change")).containsExactly("modified", "deleted", "added");
    assertThat(changes.path(0).path("before").path("versionId").asText()).isEqualTo("a1");
    assertThat(changes.path(0).path("after").path("versionId").asText()).isEqualTo("a2");
    assertThat(changes.path(1).has("after")).isFalse();
    assertThat(rest.get(DIFF + "&prefix=c").body().path("changes")).hasSize(1);
  }

  @Test
  void pages_through_a_diff() {
    Response first = rest.get(DIFF + "&limit=2");
    String next = first.body().path("next").asText();
    Response second = rest.get(DIFF + "&limit=2&page=" + next);

    assertThat(first.body().path("changes")).hasSize(2);
    assertThat(second.body().path("changes")).hasSize(1);
    assertThat(second.body().has("next")).isFalse();
    assertThat(rest.get(DIFF + "&prefix=a&page=" + next).status()).isEqualTo(400);
  }

  @Test
  void refuses_a_diff_that_goes_back_or_has_no_end() {
    assertThat(rest.get("/v1/buckets/films/diff?from=1&to=0").status()).isEqualTo(400);
    assertThat(rest.get("/v1/buckets/films/diff?from=1").status()).isEqualTo(400);
  }

  @Test
  void tells_the_versions_of_a_key_newest_first() {
    JsonNode versions = rest.get("/v1/buckets/films/history?key=b").body().path("versions");

    assertThat(versions.findValuesAsText("versionId")).containsExactly("b2", "b1");
    assertThat(versions.findValuesAsText("kind")).containsExactly("delete-marker", "object");
    assertThat(rest.get("/v1/buckets/films/history?key=x").body().path("versions")).isEmpty();
  }

  @Test
  void pages_through_a_history_even_of_null_versions() {
    for (int i = 0; i < 5; i++) {
      installation.put("films", "n", "null", NINE.plusSeconds(i));
    }

    Response first = rest.get("/v1/buckets/films/history?key=n&limit=3");
    String next = first.body().path("next").asText();
    Response second = rest.get("/v1/buckets/films/history?key=n&limit=3&page=" + next);

    assertThat(first.body().path("versions")).hasSize(3);
    assertThat(second.body().findValuesAsText("created"))
        .containsExactly("2026-11-24T09:00:01.000Z", "2026-11-24T09:00:00.000Z");
  }

  @Test
  void a_history_shows_what_the_caller_could_see_in_snapshots() {
    installation.put("films", "a", "a0", NINE.minusSeconds(60));
    Grant minute =
        new Grant(
            Role.READER,
            List.of(),
            "",
            Optional.of(NINE.plusSeconds(30)),
            Optional.of(NINE.plusSeconds(59)),
            Optional.empty());
    RestClient reader = rest.as(new Caller("ann", minute));

    assertThat(reader.get("/v1/buckets/films/history?key=a").body().findValuesAsText("versionId"))
        .containsExactly("a1");
  }

  @Test
  void counts_what_happened_in_intervals() {
    Response timeline =
        rest.get(
            "/v1/buckets/films/timeline?from=tm20261124085959&to=tm20261124093000"
                + "&resolution=PT2M");

    JsonNode intervals = timeline.body().path("intervals");
    assertThat(intervals.findValuesAsText("start"))
        .containsExactly("2026-11-24T09:00:00.000Z", "2026-11-24T09:02:00.000Z");
    assertThat(intervals.path(0).path("created").asInt()).isEqualTo(3);
    assertThat(intervals.path(1).path("deleted").asInt()).isEqualTo(1);
  }

  @Test
  void refuses_a_timeline_of_too_many_intervals_or_of_none() {
    String hour = "/v1/buckets/films/timeline?from=tm20261124080000&to=tm20261124090000";

    assertThat(rest.get(hour + "&resolution=PT1S").status()).isEqualTo(400);
    assertThat(rest.get(hour + "&resolution=PT0S").status()).isEqualTo(400);
    assertThat(rest.get(hour + "&resolution=hourly").status()).isEqualTo(400);
    assertThat(rest.get(hour + "&resolution=P99999999D").status()).isEqualTo(400);
    assertThat(rest.get(hour).status()).isEqualTo(400);
  }

  @Test
  void a_timeline_is_of_the_whole_bucket_and_shown_to_those_who_may_see_it() {
    Grant folder =
        new Grant(
            Role.READER, List.of(), "a", Optional.empty(), Optional.empty(), Optional.empty());
    RestClient reader = rest.as(new Caller("ann", folder));

    assertThat(
            reader
                .get(
                    "/v1/buckets/films/timeline?from=tm20261124080000&to=tm20261124090000"
                        + "&resolution=PT1M&prefix=a")
                .status())
        .isEqualTo(403);
  }
}
