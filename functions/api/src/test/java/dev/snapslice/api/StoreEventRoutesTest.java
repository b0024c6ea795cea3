package dev.snapslice.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.core.bucket.Location;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.testing.Moto;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class StoreEventRoutesTest {
  @RegisterExtension static final Moto MOTO = new Moto();

  private static final String SECRET = "a-secret-of-more-than-20-characters";
  private static final String EVENTS = "/v1/buckets/films/events";
  private static final Location STORE =
      new Location.OtherStore(URI.create("https://minio.example"), "eu", "snapslice/minio");

  private final TestInstallation installation = new TestInstallation(MOTO);
  private final RestClient store = installation.rest().with("authorization", "Bearer " + SECRET);

  @BeforeEach
  void films() {
    installation.activeBucket("films", STORE, Optional.of(new WebhookSecret(SECRET).hash()));
  }

  @Test
  void puts_the_records_of_a_webhook_on_the_queue() {
    String body =
        "{'EventName':'s3:ObjectCreated:Put','Key':'films/a','Records':[%s,%s]}"
            .formatted(record("films", "a%2Fb"), record("films", "c"));

    RestClient.Response taken = store.post(EVENTS, body);

    assertThat(taken.status()).isEqualTo(200);
    assertThat(taken.body().path("records").asInt()).isEqualTo(2);
    JsonNode message = Json.read(installation.events().getFirst(), JsonNode.class);
    assertThat(message.properties()).hasSize(1);
    assertThat(message.path("Records").findValuesAsText("key")).containsExactly("a%2Fb", "c");
  }

  @Test
  void takes_the_secret_bare_too() {
    RestClient bare = installation.rest().with("authorization", SECRET);

    assertThat(bare.post(EVENTS, "{'Records':[%s]}".formatted(record("films", "a"))).status())
        .isEqualTo(200);
  }

  @Test
  void a_wrong_secret_and_a_bucket_without_one_look_the_same() {
    installation.activeBucket("own");
    String body = "{'Records':[%s]}".formatted(record("films", "a"));
    RestClient none = installation.rest();
    RestClient wrong = none.with("authorization", "Bearer " + SECRET + "x");

    for (RestClient.Response answer :
        List.of(
            none.post(EVENTS, body),
            none.asAdmin().post(EVENTS, body),
            wrong.post(EVENTS, body),
            store.post("/v1/buckets/own/events", body),
            store.post("/v1/buckets/nothing/events", body))) {
      assertThat(answer.status()).isEqualTo(401);
    }
    assertThat(installation.events()).isEmpty();
  }

  @Test
  void refuses_events_of_other_buckets_and_what_is_no_event() {
    for (String body :
        List.of(
            "{'Records':[%s,%s]}".formatted(record("films", "a"), record("songs", "a")),
            "{'Records':[]}",
            "{'Records':[1]}",
            "{'Records':{'a':1}}",
            "{}",
            "",
            "no JSON")) {
      assertThat(store.post(EVENTS, body).status()).as(body).isEqualTo(400);
    }
    assertThat(installation.events()).isEmpty();
  }

  @Test
  void splits_what_is_too_large_for_one_message() {
    String records =
        IntStream.range(0, 5)
            .mapToObj(i -> record("films", "k".repeat(100_000)))
            .collect(Collectors.joining(","));

    assertThat(store.post(EVENTS, "{'Records':[" + records + "]}").status()).isEqualTo(200);

    List<String> messages = installation.events();
    assertThat(messages).hasSize(3).allMatch(message -> message.length() < 262_144);
  }

  @Test
  void refuses_a_record_that_no_queue_takes() {
    String body = "{'Records':[%s]}".formatted(record("films", "k".repeat(300_000)));

    assertThat(store.post(EVENTS, body).status()).isEqualTo(413);
  }

  @Test
  void nobody_listens_to_a_disabled_bucket() {
    RestClient admin = installation.rest().asAdmin();
    admin.post(
        "/v1/buckets",
        "{'name':'fresh','webhookSecret':'%s','location':{'type':'store',".formatted(SECRET)
            + "'endpoint':'https://minio.example','region':'eu','secretName':'x'}}");

    assertThat(
            store
                .post(
                    "/v1/buckets/fresh/events", "{'Records':[%s]}".formatted(record("fresh", "a")))
                .status())
        .isEqualTo(409);
  }

  private static String record(String bucket, String key) {
    return ("{'eventName':'s3:ObjectCreated:Put','eventTime':'2026-11-24T09:00:00.123Z',"
            + "'s3':{'bucket':{'name':'%s'},'object':{'key':'%s','size':2,'versionId':'v1'}}}")
        .formatted(bucket, key);
  }
}
