package dev.snapslice.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.api.RestClient.Response;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.bucket.Amendment;
import dev.snapslice.core.testing.Moto;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

class ViewRoutesTest {
  @RegisterExtension static final Moto MOTO = new Moto();

  private static final Instant NINE = Instant.parse("2026-11-24T09:00:00Z");
  private static final String RUN = "0123456789abcdef0123456789abcdef";
  private static final String OTHER_RUN = "1123456789abcdef0123456789abcdef";
  private static final String AT_NINE = "/v1/buckets/films/snapshots/tm20261124090000";

  private final TestInstallation installation = new TestInstallation(MOTO);
  private final RestClient rest = installation.rest().asAdmin();

  /** a and b/1 at nine; a again, b/1 deleted and c new after that. */
  @BeforeEach
  void films() {
    installation.activeBucket("films");
    installation.put("films", "a", "a1", NINE.minusMillis(877));
    installation.put("films", "b/1", "b1", NINE);
    installation.put("films", "a", "a2", NINE.plusMillis(1));
    installation.delete("films", "b/1", "b2", NINE.plusSeconds(60));
    installation.put("films", "c", "c1", NINE.plusSeconds(60));
  }

  @Test
  void lists_a_snapshot_however_its_moment_is_written() {
    for (String spec :
        List.of(
            "tm20261124090000",
            "2026-11-24T09:00:00Z",
            "2026-11-24T10:00:00.000%2B01:00",
            Long.toString(NINE.toEpochMilli()))) {
      Response listed = rest.get("/v1/buckets/films/snapshots/" + spec + "/objects");

      assertThat(listed.body().findValuesAsText("versionId")).as(spec).containsExactly("a1", "b1");
      assertThat(listed.body().path("view").asText()).isEqualTo("tm20261124090000");
    }
  }

  @Test
  void shows_what_a_run_sees_wherever_a_time_is_taken() {
    installation.run(RUN, NINE);
    installation.run(OTHER_RUN, NINE.plusSeconds(60));
    String snapshots = "/v1/buckets/films/snapshots/run-";
    String slice = "/v1/buckets/films/slices/run-" + RUN + "..run-" + OTHER_RUN + "/objects";
    String diff = "/v1/buckets/films/diff?from=run-" + RUN + "&to=tm20261124093000";

    Response listed = rest.get(snapshots + RUN + "/objects");

    assertThat(listed.body().findValuesAsText("versionId")).containsExactly("a1", "b1");
    assertThat(listed.body().path("view").asText()).isEqualTo("tm20261124090000");
    assertThat(listed.body().path("settled").asBoolean()).isTrue();
    assertThat(keys(rest.get(slice))).containsExactly("a", "c");
    assertThat(rest.get(diff).body().findValuesAsText("change"))
        .containsExactly("modified", "deleted", "added");
    assertThat(rest.get(snapshots + "f".repeat(32)).status()).isEqualTo(404);
  }

  @Test
  void shows_a_run_to_nobody_before_the_index_has_reached_its_moment() {
    installation.run(RUN, TestInstallation.NOW.minusSeconds(1));
    String snapshot = "/v1/buckets/films/snapshots/run-" + RUN;

    assertThat(rest.get(snapshot).status()).isEqualTo(503);
    installation.later(Duration.ofSeconds(5));
    assertThat(rest.get(snapshot).body().path("settled").asBoolean()).isTrue();
  }

  @Test
  void shows_times_with_milliseconds() {
    Response listed = rest.get(AT_NINE + "/objects");

    assertThat(listed.body().findValuesAsText("lastModified"))
        .containsExactly("2026-11-24T08:59:59.123Z", "2026-11-24T09:00:00.000Z");
  }

  @Test
  void lists_by_prefix_delimiter_and_start() {
    assertThat(keys(rest.get(AT_NINE + "/objects?prefix=b"))).containsExactly("b/1");
    assertThat(keys(rest.get(AT_NINE + "/objects?start-after=a"))).containsExactly("b/1");
    Response folders = rest.get(AT_NINE + "/objects?delimiter=/");
    assertThat(keys(folders)).containsExactly("a");
    assertThat(folders.body().path("commonPrefixes").path(0).asText()).isEqualTo("b/");
  }

  @Test
  void goes_on_with_the_next_page_of_the_same_list_only() {
    Response first = rest.get(AT_NINE + "/objects?limit=1");
    String next = first.body().path("next").asText();

    assertThat(keys(first)).containsExactly("a");
    assertThat(keys(rest.get(AT_NINE + "/objects?limit=1&page=" + next))).containsExactly("b/1");
    for (String other :
        List.of(
            AT_NINE + "/objects?prefix=b&page=" + next,
            AT_NINE + "/objects?delimiter=/&page=" + next,
            AT_NINE + "/objects?start-after=a&page=" + next,
            "/v1/buckets/films/snapshots/tm20261124090001/objects?page=" + next,
            AT_NINE + "/objects?page=abc",
            AT_NINE + "/objects?page=" + next.substring(4))) {
      assertThat(rest.get(other).status()).as(other).isEqualTo(400);
    }
  }

  @Test
  void lists_a_slice() {
    for (String spec :
        List.of(
            "tm20261124090000-tm20261124093000",
            "2026-11-24T09:00:00Z..2026-11-24T09:30:00Z",
            NINE.toEpochMilli() + "-" + NINE.plusSeconds(1800).toEpochMilli())) {
      Response listed = rest.get("/v1/buckets/films/slices/" + spec + "/objects");

      assertThat(listed.body().findValuesAsText("versionId")).as(spec).containsExactly("a2", "c1");
    }
  }

  @Test
  void refuses_specs_that_it_cannot_read_and_moments_to_come() {
    for (String path :
        List.of(
            "/v1/buckets/films/snapshots/yesterday!/objects",
            "/v1/buckets/films/snapshots/tm2026112409/objects",
            "/v1/buckets/films/snapshots/tm20261124090000-tm20261124093000/objects",
            "/v1/buckets/films/snapshots/tm20261124110000/objects",
            "/v1/buckets/films/slices/tm20261124093000-tm20261124090000/objects",
            "/v1/buckets/films/slices/tm20261124093000/objects",
            AT_NINE + "/objects?limit=0",
            AT_NINE + "/objects?limit=1001",
            AT_NINE + "/object")) {
      assertThat(rest.get(path).status()).as(path).isEqualTo(400);
    }
    assertThat(rest.get("/v1/buckets/films/snapshots/no-such-label/objects").status())
        .isEqualTo(404);
  }

  @Test
  void keeps_nothing_that_may_still_change() {
    Response settled = rest.get("/v1/buckets/films/snapshots/tm20261124095955/objects");
    Response open = rest.get("/v1/buckets/films/snapshots/tm20261124100000/objects");

    assertThat(settled.body().path("settled").asBoolean()).isTrue();
    assertThat(settled.header("cache-control")).isEqualTo("private, no-cache");
    assertThat(settled.header("indexed-through")).isEqualTo("2026-11-24T09:59:55.250Z");
    assertThat(open.body().path("settled").asBoolean()).isFalse();
    assertThat(open.header("cache-control")).isEqualTo("no-store");
    assertThat(open.header("etag")).isEmpty();
  }

  @Test
  void answers_304_until_the_view_is_amended() {
    String etag = rest.get(AT_NINE + "/objects").header("etag");
    RestClient again = rest.with("if-none-match", "W/" + etag + ", \"x\"");

    Response kept = again.get(AT_NINE + "/objects");
    VersionEvent late = TestInstallation.event("z", "z1", Kind.CREATED, NINE.minusSeconds(1));
    installation.record("films", late);
    installation
        .domain()
        .amendments()
        .record("films", List.of(Amendment.of(late, TestInstallation.NOW)));
    Response amended = again.get(AT_NINE + "/objects");

    assertThat(kept.status()).isEqualTo(304);
    assertThat(kept.header("etag")).isEqualTo(etag);
    assertThat(amended.status()).isEqualTo(200);
    assertThat(amended.header("etag")).isNotEqualTo(etag);
  }

  @Test
  void the_etag_changes_when_a_version_is_purged() {
    String before = rest.get(AT_NINE + "/objects").header("etag");

    installation.remove("films", "a", "a1", NINE.plusSeconds(120));
    Response after = rest.get(AT_NINE + "/objects");

    assertThat(after.header("etag")).isNotEqualTo(before);
    assertThat(after.body().path("objects").path(0).path("purged").asText())
        .isEqualTo("2026-11-24T09:02:00.000Z");
  }

  @Test
  void counts_a_view() {
    JsonNode snapshot = rest.get(AT_NINE).body();
    JsonNode slice =
        rest.get("/v1/buckets/films/slices/tm20261124090000-tm20261124093000?prefix=c").body();

    assertThat(snapshot.path("objects").asInt()).isEqualTo(2);
    assertThat(snapshot.path("bytes").asInt()).isEqualTo(6);
    assertThat(slice.path("objects").asInt()).isEqualTo(1);
  }

  @Test
  void shows_one_object() {
    Response found = rest.get(AT_NINE + "/object?key=b/1");
    Response deleted = rest.get("/v1/buckets/films/snapshots/tm20261124093000/object?key=b/1");

    assertThat(found.body().path("object").path("versionId").asText()).isEqualTo("b1");
    assertThat(deleted.status()).isEqualTo(404);
    assertThat(deleted.body().path("detail").asText())
        .isEqualTo("the key was deleted at 2026-11-24T09:01:00.000Z");
    assertThat(rest.get(AT_NINE + "/object?key=c").status()).isEqualTo(404);
  }

  @Test
  void a_page_of_the_longest_keys_fits_into_what_lambda_answers() {
    installation.activeBucket("long");
    List<VersionEvent> events =
        IntStream.range(0, 1000)
            .mapToObj(i -> "%04d".formatted(i) + "\u0001".repeat(900))
            .map(key -> TestInstallation.event(key, "v", Kind.CREATED, NINE))
            .toList();
    installation.domain().index().record("long", events);

    Response page = rest.get("/v1/buckets/long/snapshots/tm20261124090000/objects");

    assertThat(page.body().path("objects")).hasSize(250);
    assertThat(page.body().has("next")).isTrue();
  }

  @Test
  void any_key_is_found_as_it_was_written() {
    List<String> keys = List.of("a+b c", "//x/../y", "ü,&=%41", "\u0001");
    for (String key : keys) {
      installation.put("films", key, "v", NINE);
    }

    List<String> seen = new ArrayList<>();
    for (String key : keys) {
      String encoded = URLEncoder.encode(key, UTF_8);
      seen.add(
          rest.get(AT_NINE + "/object?key=" + encoded).body().path("object").path("key").asText());
    }

    assertThat(seen).isEqualTo(keys);
  }

  @Test
  void signs_a_url_of_the_exact_version() throws Exception {
    S3Client s3 = MOTO.s3();
    s3.createBucket(r -> r.bucket("urls"));
    s3.putBucketVersioning(r -> r.bucket("urls").versioningConfiguration(v -> v.status("Enabled")));
    String old =
        s3.putObject(r -> r.bucket("urls").key("a"), RequestBody.fromString("1")).versionId();
    s3.putObject(r -> r.bucket("urls").key("a"), RequestBody.fromString("2"));
    installation.activeBucket("urls", installation.store("snapslice/urls"), Optional.empty());
    installation.put("urls", "a", old, NINE);

    Response signed = rest.get("/v1/buckets/urls/snapshots/tm20261124093000/object/url?key=a");

    assertThat(signed.body().path("headers")).isEmpty();
    assertThat(signed.body().path("expires").asText()).isEqualTo("2026-11-24T10:15:00.250Z");
    assertThat(read(signed.body().path("url").asText())).isEqualTo("1");
  }

  private static String read(String url) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString())
          .body();
    }
  }

  @Test
  void a_url_of_a_null_version_demands_its_etag_and_one_of_a_purged_version_is_refused() {
    installation.activeBucket("nulls", installation.store("snapslice/nulls"), Optional.empty());
    installation.put("nulls", "a", "null", NINE);
    installation.put("nulls", "b", "b1", NINE);
    installation.remove("nulls", "b", "b1", NINE.plusSeconds(1200));
    String path = "/v1/buckets/nulls/snapshots/tm20261124091000/object/url?key=";

    assertThat(rest.get(path + "a").body().path("headers").path("if-match").asText())
        .isEqualTo("\"e-null\"");
    assertThat(rest.get(path + "b").status()).isEqualTo(410);
    assertThat(rest.get(path + "a&expires-in=43201").status()).isEqualTo(400);
  }

  @Test
  void shows_a_caller_their_prefix_and_moments_only() {
    Grant grant =
        new Grant(
            Role.READER,
            List.of("films"),
            "b/",
            Optional.of(NINE),
            Optional.of(NINE.plusSeconds(30)),
            Optional.empty());
    RestClient reader = rest.as(new Caller("ann", grant));

    assertThat(keys(reader.get(AT_NINE + "/objects?prefix=b/"))).containsExactly("b/1");
    assertThat(reader.get(AT_NINE + "/object?key=b/1").status()).isEqualTo(200);
    for (String path :
        List.of(
            AT_NINE + "/objects",
            AT_NINE + "/objects?prefix=b",
            AT_NINE + "/object?key=a",
            AT_NINE + "?prefix=a",
            "/v1/buckets/films/snapshots/tm20261124085959/objects?prefix=b/",
            "/v1/buckets/films/snapshots/tm20261124090031/objects?prefix=b/",
            "/v1/buckets/films/slices/tm20261124085959-tm20261124090001/objects?prefix=b/",
            "/v1/buckets/songs/snapshots/tm20261124090000/objects?prefix=b/")) {
      assertThat(reader.get(path).status()).as(path).isEqualTo(403);
    }
  }

  @Test
  void a_bucket_that_was_never_enabled_has_no_history() {
    rest.post("/v1/buckets", "{'name':'fresh'}");

    Response answer = rest.get("/v1/buckets/fresh/snapshots/tm20261124090000/objects");

    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.body().path("type").asText()).isEqualTo("urn:snapslice:problem:not-enabled");
  }

  @Test
  void a_key_or_prefix_longer_than_s3_allows_is_refused() {
    String key = "k".repeat(ObjectKey.MAX_BYTES + 1);

    assertThat(rest.get(AT_NINE + "/object?key=" + key).status()).isEqualTo(400);
    assertThat(rest.get(AT_NINE + "/objects?prefix=" + key).status()).isEqualTo(400);
    assertThat(rest.get(AT_NINE + "/objects?start-after=" + key).status()).isEqualTo(400);
  }

  private static List<String> keys(Response listed) {
    assertThat(listed.status()).isEqualTo(200);
    return listed.body().path("objects").findValuesAsText("key");
  }
}
