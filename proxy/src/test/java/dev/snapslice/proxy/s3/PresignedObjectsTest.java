package dev.snapslice.proxy.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.bucket.BucketClients;
import dev.snapslice.core.bucket.Location;
import dev.snapslice.core.bucket.PresignedUrls;
import dev.snapslice.core.index.ListPage;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.index.Lookup;
import dev.snapslice.core.index.ObjectView;
import dev.snapslice.core.index.Summary;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.time.ViewSpec;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import dev.snapslice.core.version.VersionEvent.Source;
import dev.snapslice.core.view.Address;
import dev.snapslice.proxy.http.RawRequest;
import dev.snapslice.proxy.origin.Origin;
import dev.snapslice.proxy.view.MissingVersions;
import dev.snapslice.proxy.view.Views.View;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueRequest;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueResponse;

/** A bucket of another store, whose view shows a version, a null version and one that is gone. */
class PresignedObjectsTest {
  private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
  private static final Map<String, Lookup> SHOWN =
      Map.of(
          "in/a b", new Lookup.Found(version("in/a b", "v1")),
          "in/null", new Lookup.Found(version("in/null", "null")),
          "in/gone", new Lookup.Purged(version("in/gone", "v2"), NOW),
          "out", new Lookup.Found(version("out", "v3")));

  private final BucketClients clients = new BucketClients(() -> null, Secret::new, true);
  private final PresignedObjects presigned =
      new PresignedObjects(
          new Objects(
              clients,
              new Origin(clients, Duration.ofSeconds(30)),
              new MissingVersions(() -> null)),
          new PresignedUrls(clients, InstantSource.fixed(NOW)),
          InstantSource.fixed(NOW));

  private static Version version(String key, String id) {
    return new Version(
        new ObjectKey(key), id, false, NOW, "", "abc", 7, Source.EVENT, Optional.empty());
  }

  private Map<String, JsonNode> asked(String prefix, Optional<Instant> expires, String... keys) {
    String query =
        List.of(keys).stream()
            .map(key -> "&key=" + key.replace(' ', '+'))
            .collect(Collectors.joining());
    S3Request request = request("", query, prefix, expires);
    Bucket bucket =
        Bucket.registered(
            "films",
            new Location.OtherStore(URI.create("http://localhost:9"), "us-east-1", "secret"),
            Optional.empty(),
            NOW);
    View view = new View(bucket, new ViewSpec.Snapshot(NOW), new Shown(), NOW, "");
    JsonNode answer =
        Json.read(
            presigned.urls(request, view, PresignedObjects.keys(request)).text(), JsonNode.class);
    assertThat(answer.get("view").asText()).isEqualTo("tm20261125120000");
    return answer
        .get("objects")
        .valueStream()
        .collect(Collectors.toMap(PresignedObjectsTest::key, object -> object));
  }

  private static String key(JsonNode object) {
    return object.get("key").asText();
  }

  private static S3Request request(
      String key, String query, String prefix, Optional<Instant> expires) {
    Grant grant =
        new Grant(Role.READER, List.of(), prefix, Optional.empty(), Optional.empty(), expires);
    return S3Request.of(
        new RawRequest("GET", "/", PresignedObjects.PARAMETER + query, Map.of()),
        new Caller("ann", grant),
        new Address("films.tm20261125120000", "films", Optional.of("tm20261125120000"), key));
  }

  @Test
  void signs_the_exact_version_for_five_minutes() {
    JsonNode object = asked("", Optional.empty(), "in/a b").get("in/a b");

    assertThat(object.get("url").asText())
        .startsWith("http://localhost:9/films/in/a%20b?")
        .contains("versionId=v1", "X-Amz-Expires=300");
    assertThat(object.get("headers")).isEmpty();
    assertThat(object.get("expires").asText()).isEqualTo("2026-11-25T12:05:00Z");
    assertThat(object.get("expiresInSeconds").asInt()).isEqualTo(300);
    assertThat(object.get("size").asInt()).isEqualTo(7);
    assertThat(object.get("etag").asText()).isEqualTo("abc");
  }

  @Test
  void demands_the_known_bytes_of_a_null_version() {
    JsonNode object = asked("", Optional.empty(), "in/null").get("in/null");

    assertThat(object.get("headers").get("if-match").asText()).isEqualTo("\"abc\"");
    assertThat(object.get("url").asText()).contains("X-Amz-SignedHeaders=host%3Bif-match");
  }

  @Test
  void says_of_each_key_that_may_not_be_read_why() {
    Map<String, JsonNode> objects =
        asked("in/", Optional.empty(), "in/a b", "in/gone", "in/none", "out");

    assertThat(objects.get("in/a b").has("url")).isTrue();
    assertThat(codes(objects))
        .containsEntry("in/gone", "404 ObjectVersionPurged")
        .containsEntry("in/none", "404 NoSuchKey")
        .containsEntry("out", "403 AccessDenied")
        .hasSize(3);
  }

  private static Map<String, String> codes(Map<String, JsonNode> objects) {
    return objects.values().stream()
        .filter(object -> object.has("error"))
        .collect(
            Collectors.toMap(
                PresignedObjectsTest::key,
                object ->
                    object.get("error").get("status").asText()
                        + " "
                        + object.get("error").get("code").asText()));
  }

  @Test
  void signs_for_no_longer_than_the_access_key_lasts() {
    Instant end = NOW.plus(Duration.ofSeconds(20));

    JsonNode object = asked("", Optional.of(end), "in/a b").get("in/a b");

    assertThat(object.get("url").asText()).contains("X-Amz-Expires=20");
    assertThat(object.get("expires").asText()).isEqualTo(end.toString());
  }

  @Test
  void takes_the_key_of_the_path_and_at_most_a_hundred() {
    String many = IntStream.range(0, 100).mapToObj(i -> "&key=" + i).collect(Collectors.joining());

    assertThat(PresignedObjects.keys(request("a", "&key=b&key=a", "", Optional.empty())))
        .containsExactly("a", "b");
    assertThat(PresignedObjects.keys(request("", many, "", Optional.empty()))).hasSize(100);
    for (S3Request wrong :
        List.of(request("", "", "", Optional.empty()), request("a", many, "", Optional.empty()))) {
      assertThatExceptionOfType(S3Error.class)
          .isThrownBy(() -> PresignedObjects.keys(wrong))
          .matches(error -> error.code().equals("InvalidRequest"));
    }
  }

  private record Shown() implements ObjectView {
    @Override
    public Iterator<ListPage> pages(ListRequest request) {
      return List.of(ListPage.EMPTY).iterator();
    }

    @Override
    public Lookup lookup(ObjectKey key) {
      return SHOWN.getOrDefault(key.value(), new Lookup.Absent());
    }

    @Override
    public Summary summary(String prefix) {
      throw new UnsupportedOperationException();
    }
  }

  private static final class Secret implements SecretsManagerClient {
    @Override
    public GetSecretValueResponse getSecretValue(GetSecretValueRequest request) {
      return GetSecretValueResponse.builder()
          .secretString("{\"accessKeyId\":\"ID\",\"secretAccessKey\":\"SECRET\"}")
          .build();
    }

    @Override
    public String serviceName() {
      return "secretsmanager";
    }

    @Override
    public void close() {}
  }
}
