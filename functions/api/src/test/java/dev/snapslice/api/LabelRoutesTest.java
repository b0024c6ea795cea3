package dev.snapslice.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.api.RestClient.Response;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.bucket.Amendment;
import dev.snapslice.core.testing.Moto;
import dev.snapslice.core.version.VersionEvent.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class LabelRoutesTest {
  @RegisterExtension static final Moto MOTO = new Moto();

  private static final Instant NINE = Instant.parse("2026-11-24T09:00:00Z");
  private static final String LABELS = "/v1/buckets/films/labels";

  private final TestInstallation installation = new TestInstallation(MOTO);
  private final RestClient rest = installation.rest().asAdmin();

  @BeforeEach
  void films() {
    installation.activeBucket("films");
    installation.put("films", "a/1", "v1", NINE.minusSeconds(60));
    installation.put("films", "b/1", "v1", NINE.minusSeconds(60));
    installation.put("films", "a/2", "v1", NINE.plusSeconds(60));
  }

  @Test
  void a_label_stands_for_its_snapshot_and_prefix() {
    Response made =
        rest.post(LABELS, "{'name':'v3','spec':'tm20261124090000','prefix':'a/','note':'good'}");

    assertThat(made.status()).isEqualTo(201);
    assertThat(made.body().path("owner").asText()).isEqualTo("admin");
    assertThat(rest.get(LABELS + "/v3").body()).isEqualTo(made.body());
    assertThat(keys("/v1/buckets/films/snapshots/v3/objects")).containsExactly("a/1");
    assertThat(keys("/v1/buckets/films/diff?from=v3&to=tm20261124093000")).containsExactly("a/2");
    assertThat(rest.get("/v1/buckets/films/snapshots/v3/objects?prefix=b/").status())
        .isEqualTo(400);
    assertThat(rest.get("/v1/buckets/films/slices/v3/objects").status()).isEqualTo(400);
  }

  @Test
  void a_label_stands_for_its_slice() {
    rest.post(LABELS, "{'name':'week-1','spec':'tm20261124090000-tm20261124093000'}");

    assertThat(keys("/v1/buckets/films/slices/week-1/objects")).containsExactly("a/2");
  }

  private List<String> keys(String path) {
    return rest.get(path).body().findParents("key").stream()
        .map(node -> node.path("key").asText())
        .distinct()
        .toList();
  }

  @Test
  void a_name_is_given_out_once_and_never_again() {
    String request = "{'name':'v3','spec':'tm20261124090000'}";

    assertThat(rest.post(LABELS, request).status()).isEqualTo(201);
    assertThat(rest.post(LABELS, request).status()).isEqualTo(409);
    assertThat(rest.delete(LABELS + "/v3").status()).isEqualTo(204);
    assertThat(rest.get(LABELS + "/v3").status()).isEqualTo(404);
    assertThat(rest.delete(LABELS + "/v3").status()).isEqualTo(404);
    assertThat(rest.get(LABELS).body().path("labels")).isEmpty();
    assertThat(rest.post(LABELS, request).status()).isEqualTo(409);
  }

  @Test
  void refuses_names_that_could_be_times_and_moments_to_come() {
    for (String body :
        List.of(
            "{'name':'tm20261124090000','spec':'tm20261124090000'}",
            "{'name':'1795510800000','spec':'tm20261124090000'}",
            "{'name':'Upper','spec':'tm20261124090000'}",
            "{'name':'later','spec':'tm20261124110000'}",
            "{'name':'nothing'}")) {
      assertThat(rest.post(LABELS, body).status()).as(body).isEqualTo(400);
    }
  }

  @Test
  void says_that_what_it_shows_was_amended() {
    rest.post(LABELS, "{'name':'all','spec':'tm20261124090000'}");
    rest.post(LABELS, "{'name':'b','spec':'tm20261124090000','prefix':'b/'}");
    rest.post(LABELS, "{'name':'early','spec':'tm20261124080000'}");
    installation.later(Duration.ofSeconds(1));

    installation
        .domain()
        .amendments()
        .record(
            "films",
            List.of(
                Amendment.of(
                    TestInstallation.event("a/0", "v", Kind.CREATED, NINE.minusSeconds(1)),
                    TestInstallation.NOW.plusSeconds(1))));

    assertThat(rest.get(LABELS).body().findValuesAsText("name"))
        .containsExactly("all", "b", "early");
    assertThat(rest.get(LABELS).body().findValuesAsText("amended"))
        .containsExactly("true", "false", "false");
  }

  @Test
  void a_reader_uses_labels_and_a_writer_makes_them_within_their_prefix() {
    RestClient reader = rest.as(new Caller("ann", grant(Role.READER)));
    RestClient writer = rest.as(new Caller("bob", grant(Role.WRITER)));
    rest.post(LABELS, "{'name':'all','spec':'tm20261124090000'}");

    assertThat(reader.post(LABELS, "{'name':'x','spec':'tm20261124090000','prefix':'a/'}").status())
        .isEqualTo(403);
    assertThat(writer.post(LABELS, "{'name':'x','spec':'tm20261124090000','prefix':'b/'}").status())
        .isEqualTo(403);
    assertThat(writer.post(LABELS, "{'name':'x','spec':'tm20261124090000','prefix':'a/'}").status())
        .isEqualTo(201);
    assertThat(reader.get(LABELS).body().findValuesAsText("name")).containsExactly("x");
    assertThat(reader.get(LABELS + "/all").status()).isEqualTo(404);
    assertThat(reader.delete(LABELS + "/x").status()).isEqualTo(403);
    assertThat(reader.get("/v1/buckets/films/snapshots/x/objects").status()).isEqualTo(200);
    assertThat(reader.get("/v1/buckets/films/snapshots/all/objects").status()).isEqualTo(403);
  }

  private static Grant grant(Role role) {
    return new Grant(
        role, List.of("films"), "a/", Optional.empty(), Optional.empty(), Optional.empty());
  }
}
