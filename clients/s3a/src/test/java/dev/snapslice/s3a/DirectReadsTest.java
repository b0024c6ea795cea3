package dev.snapslice.s3a;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What is sent to the proxy and what to S3, both of which are made up here. */
class DirectReadsTest {
  private static final String BUCKET = "films.tm20261125120000";
  private static final Answer BYTES = new Answer(206, Map.of(), "bytes");

  private final List<SdkHttpRequest> sent = new ArrayList<>();
  private Function<SdkHttpRequest, Answer> s3 = request -> BYTES;
  private Function<SdkHttpRequest, Answer> proxy = request -> urls(signed());

  private final S3Client client =
      new DirectReads(
          S3Client.builder()
              .httpClient(new Network())
              .region(Region.US_EAST_1)
              .endpointOverride(URI.create("http://proxy:4570"))
              .forcePathStyle(true)
              .credentialsProvider(
                  StaticCredentialsProvider.create(AwsBasicCredentials.create("ID", "SECRET")))
              .build(),
          BUCKET,
          InstantSource.system());

  private record Answer(int status, Map<String, String> headers, String body) {}

  private static Answer urls(String object) {
    return urls("tm20261125120000", object);
  }

  private static Answer urls(String view, String object) {
    String body = "{\"view\":\"" + view + "\",\"objects\":[" + object + "]}";
    return new Answer(200, Map.of("x-snapslice-urls", "1"), body);
  }

  private static String signed() {
    return """
    {"key":"in/a b","versionId":"null","size":9,"etag":"abc",
     "url":"http://s3:9/films/in/a%20b?versionId=null&X-Amz-Credential=A%2FB&X-Amz-Signature=f0",
     "headers":{"if-match":"\\"abc\\""},"expires":"2026-11-25T12:05:00Z","expiresInSeconds":300}
    """;
  }

  private static Answer error(int status, String code) {
    return new Answer(status, Map.of(), "<Error><Code>" + code + "</Code></Error>");
  }

  private String read() {
    return client
        .getObjectAsBytes(r -> r.bucket(BUCKET).key("in/a b").range("bytes=2-6"))
        .asUtf8String();
  }

  private List<String> hosts() {
    return sent.stream().map(SdkHttpRequest::host).toList();
  }

  @Test
  void reads_a_range_from_S3_without_a_credential_of_the_proxys() {
    assertThat(read()).isEqualTo("bytes");

    assertThat(hosts()).containsExactly("proxy", "s3");
    assertThat(sent.get(0).headers()).containsKey("Authorization");
    assertThat(sent.get(0).rawQueryParameters())
        .containsKey("x-snapslice-urls")
        .containsEntry("key", List.of("in/a b"));
    SdkHttpRequest direct = sent.get(1);
    assertThat(direct.getUri()).hasAuthority("s3:9");
    assertThat(direct.encodedPath()).isEqualTo("/films/in/a%20b");
    assertThat(direct.encodedQueryParameters().orElseThrow().split("&"))
        .containsExactlyInAnyOrder(
            "versionId=null", "X-Amz-Credential=A%2FB", "X-Amz-Signature=f0");
    assertThat(direct.firstMatchingHeader("Range")).contains("bytes=2-6");
    assertThat(direct.firstMatchingHeader("If-Match")).contains("\"abc\"");
    assertThat(direct.headers().keySet())
        .noneMatch(name -> name.equalsIgnoreCase("authorization"))
        .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("x-amz-"));
    assertThat(direct.headers().toString()).doesNotContain("SECRET", "ID/");
  }

  @Test
  void asks_the_proxy_once_for_many_ranges() {
    read();
    read();
    read();

    assertThat(hosts()).containsExactly("proxy", "s3", "s3", "s3");
  }

  @Test
  void asks_for_each_read_of_the_present_which_may_have_changed() {
    proxy = request -> urls("now", signed());

    read();
    read();

    assertThat(hosts()).containsExactly("proxy", "s3", "proxy", "s3");
  }

  @Test
  void renews_a_url_that_S3_refuses_and_gives_up_when_it_does_so_again() {
    List<Answer> answers =
        new ArrayList<>(
            List.of(error(403, "AccessDenied"), BYTES, error(403, "x"), error(403, "y")));
    s3 = request -> answers.remove(0);

    assertThat(read()).isEqualTo("bytes");
    assertThat(hosts()).containsExactly("proxy", "s3", "proxy", "s3");
    assertThatExceptionOfType(S3Exception.class)
        .isThrownBy(this::read)
        .matches(e -> e.statusCode() == 403);
    assertThat(answers).isEmpty();
  }

  @Test
  void lets_the_proxy_say_what_became_of_a_version_that_S3_no_longer_has() {
    s3 = request -> error(404, "NoSuchVersion");
    proxy =
        request ->
            request.rawQueryParameters().containsKey("x-snapslice-urls")
                ? urls(signed())
                : error(404, "ObjectVersionPurged");

    assertThatExceptionOfType(S3Exception.class)
        .isThrownBy(this::read)
        .matches(e -> e.awsErrorDetails().errorCode().equals("ObjectVersionPurged"));
    assertThat(sent.get(2).firstMatchingHeader("Range")).contains("bytes=2-6");
  }

  @Test
  void says_of_a_key_that_may_not_be_read_what_the_proxy_says() {
    proxy = request -> urls(refused(404, "NoSuchKey", "It does not exist."));
    assertThatExceptionOfType(NoSuchKeyException.class)
        .isThrownBy(this::read)
        .matches(e -> e.statusCode() == 404);

    proxy = request -> urls(refused(404, "ObjectVersionPurged", "It was removed."));
    assertThatExceptionOfType(S3Exception.class)
        .isThrownBy(this::read)
        .withMessageContaining("It was removed.")
        .matches(e -> e.statusCode() == 404 && !(e instanceof NoSuchKeyException));

    assertThat(hosts()).containsExactly("proxy", "proxy");
  }

  private static String refused(int status, String code, String message) {
    return """
    {"key":"in/a b","error":{"status":%d,"code":"%s","message":"%s"}}
    """
        .formatted(status, code, message);
  }

  @Test
  void leaves_to_the_proxy_what_a_url_does_not_name() {
    proxy = request -> BYTES;

    client.getObjectAsBytes(r -> r.bucket(BUCKET).key("in/a b").versionId("v1"));
    client.headObject(r -> r.bucket(BUCKET).key("in/a b"));

    assertThat(hosts()).containsExactly("proxy", "proxy");
    assertThat(sent.get(0).rawQueryParameters()).doesNotContainKey("x-snapslice-urls");
  }

  @Test
  void refuses_an_endpoint_that_answers_the_object_itself() {
    proxy = request -> BYTES;

    assertThatExceptionOfType(SdkClientException.class)
        .isThrownBy(this::read)
        .withMessageContaining("no read proxy of Snapslice");
  }

  private final class Network implements SdkHttpClient {
    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
      SdkHttpRequest asked = request.httpRequest();
      return new ExecutableHttpRequest() {
        @Override
        public HttpExecuteResponse call() {
          sent.add(asked);
          return response((asked.host().equals("s3") ? s3 : proxy).apply(asked));
        }

        @Override
        public void abort() {}
      };
    }

    private HttpExecuteResponse response(Answer answer) {
      byte[] body = answer.body().getBytes(UTF_8);
      SdkHttpResponse.Builder http = SdkHttpResponse.builder().statusCode(answer.status());
      answer.headers().forEach(http::putHeader);
      return HttpExecuteResponse.builder()
          .response(http.putHeader("content-length", "" + body.length).build())
          .responseBody(AbortableInputStream.create(new ByteArrayInputStream(body)))
          .build();
    }

    @Override
    public void close() {}
  }
}
