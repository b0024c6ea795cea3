package dev.snapslice.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.api.RestClient.Response;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.bucket.Amendment;
import dev.snapslice.core.testing.Moto;
import dev.snapslice.core.version.VersionEvent.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RunRoutesTest {
  @RegisterExtension static final Moto MOTO = new Moto();

  private static final Instant NINE = Instant.parse("2026-11-24T09:00:00Z");
  private static final String RUN = "0123456789abcdef0123456789abcdef";
  private static final String INPUTS = "/v1/runs/" + RUN + "/inputs";

  private final TestInstallation installation = new TestInstallation(MOTO);
  private final RestClient rest = installation.rest().asAdmin();

  @BeforeEach
  void films() {
    installation.activeBucket("films");
    installation.put("films", "data/a", "a1", NINE);
    installation.put("films", "data/a.bak", "k1", NINE);
    installation.put("films", "data/b", "b1", NINE);
    installation.put("films", "data/a", "a2", NINE.plusSeconds(60));
    installation.put("films", "other", "o1", NINE.plusSeconds(60));
    installation.run(RUN, NINE);
  }

  private static List<String> versions(Response response) {
    return response.body().findValuesAsText("versionId");
  }

  @Test
  void answers_the_exact_versions_of_each_input() {
    installation.dataset(RUN, "1", "snapslice.snapshot", "s3://films.tm20261124090000/data/a");
    installation.dataset(RUN, "2", "snapslice.snapshot", "s3://films.tm20261124090000/data");
    installation.dataset(
        RUN, "3", "snapslice.slice", "s3://films.tm20261124090000-tm20261124093000/");
    installation.dataset(RUN, "4", "mlflow.data.context", "s3://films.tm20261124090000/");

    Response answer = rest.get(INPUTS);

    assertThat(answer.body().path("moment").asText()).isEqualTo("2026-11-24T09:00:00.000Z");
    assertThat(answer.body().path("inputs")).hasSize(3);
    assertThat(versions(answer)).containsExactly("a1", "a1", "k1", "b1", "a2", "o1");
    assertThat(answer.body().findValuesAsText("path")).containsExactly("data/a", "data", "");
    assertThat(answer.body().findValuesAsText("settled")).containsOnly("true");
    assertThat(answer.body().findValuesAsText("amended")).containsOnly("false");
  }

  @Test
  void answers_in_pages_that_leave_nothing_out() {
    installation.dataset(RUN, "1", "snapslice.snapshot", "s3://films.tm20261124090000/data");
    installation.dataset(RUN, "2", "snapslice.snapshot", "s3://films.tm20261124090000/nothing");
    installation.dataset(RUN, "3", "snapslice.snapshot", "s3://films.tm20261124093000/other");
    for (int limit = 1; limit < 6; limit++) {
      List<String> seen = new ArrayList<>();
      JsonNode page = rest.get(INPUTS + "?limit=" + limit).body();
      for (int pages = 0; pages < 10; pages++) {
        seen.addAll(page.findValuesAsText("versionId"));
        if (!page.has("next")) {
          break;
        }
        page = rest.get(INPUTS + "?limit=" + limit + "&page=" + page.path("next").asText()).body();
      }

      assertThat(seen).as("limit %d", limit).containsExactly("a1", "k1", "b1", "o1");
    }
  }

  @Test
  void marks_an_input_that_was_amended_since() {
    installation.dataset(RUN, "1", "snapslice.snapshot", "s3://films.tm20261124090000/data");
    installation.later(Duration.ofSeconds(1));
    installation
        .domain()
        .amendments()
        .record(
            "films",
            List.of(
                new Amendment(
                    NINE,
                    TestInstallation.NOW.plusSeconds(1),
                    "data/late",
                    Kind.CREATED,
                    Optional.empty())));

    assertThat(rest.get(INPUTS).body().findValuesAsText("amended")).containsExactly("true");
  }

  @Test
  void tells_what_a_version_of_a_model_was_trained_on() {
    installation.dataset(RUN, "1", "snapslice.snapshot", "s3://films.tm20261124090000/data/a");
    installation.modelVersion("the model", 2, RUN);

    Response answer = rest.get("/v1/model-versions/inputs?name=the%20model&version=2");

    assertThat(versions(answer)).containsExactly("a1");
    assertThat(answer.body().path("run").asText()).isEqualTo(RUN);
    for (String other : List.of("name=the%20model&version=1", "name=other&version=2")) {
      assertThat(rest.get("/v1/model-versions/inputs?" + other).status()).isEqualTo(404);
    }
    for (String wrong : List.of("name=the%20model", "name=&version=1", "version=1")) {
      assertThat(rest.get("/v1/model-versions/inputs?" + wrong).status()).isEqualTo(400);
    }
  }

  @Test
  void shows_nothing_that_the_callers_other_limits_leave_out() {
    installation.dataset(RUN, "1", "snapslice.snapshot", "s3://films.tm20261124090000/data");

    assertThat(rest.as(job("films", "data/", NINE)).get(INPUTS).status()).isEqualTo(403);
    assertThat(rest.as(job("films", "data", NINE)).get(INPUTS).status()).isEqualTo(200);
    assertThat(rest.as(job("films", "data", NINE.plusSeconds(1))).get(INPUTS).status())
        .isEqualTo(403);
    assertThat(rest.as(job("payroll", "", NINE)).get(INPUTS).status()).isEqualTo(403);
  }

  private static Caller job(String bucket, String prefix, Instant from) {
    return new Caller(
        "job",
        new Grant(
            Role.ADMIN,
            List.of(bucket),
            prefix,
            Optional.of(from),
            Optional.empty(),
            Optional.empty(),
            List.of("0")));
  }

  @Test
  void answers_those_only_who_may_ask_mlflow() {
    Grant limited =
        new Grant(
            Role.ADMIN, List.of("films"), "", Optional.empty(), Optional.empty(), Optional.empty());

    assertThat(rest.as(new Caller("limited", limited)).get(INPUTS).status()).isEqualTo(403);
    assertThat(rest.get("/v1/runs/" + "f".repeat(32) + "/inputs").status()).isEqualTo(404);
    assertThat(rest.get("/v1/runs/none/inputs").status()).isEqualTo(404);
  }
}
