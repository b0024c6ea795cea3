package dev.snapslice.local.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.snapslice.local.lambda.FunctionSpec;
import dev.snapslice.local.lambda.LocalFunction;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;

class HttpApiTest {
  @TempDir Path folder;
  private final HttpClient client = HttpClient.newHttpClient();
  private LocalFunction echo;
  private LocalFunction authorizer;
  private HttpApi api;

  /** Answers with the event that it got. */
  public static final class Echo
      implements RequestHandler<Map<String, Object>, Map<String, Object>> {
    @Override
    public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
      return Map.of("statusCode", 201, "headers", Map.of("ETag", "\"e\""), "body", render(event));
    }

    /** JSON of maps and texts: the runtime brings no JSON library along for us. */
    private static String render(Object value) {
      return value instanceof Map<?, ?> map
          ? map.entrySet().stream()
              .map(entry -> "\"%s\":%s".formatted(entry.getKey(), render(entry.getValue())))
              .collect(Collectors.joining(",", "{", "}"))
          : "\"" + String.valueOf(value).replace("\"", "'") + "\"";
    }
  }

  /** Lets the token {@code Bearer good} in. */
  public static final class Doorkeeper
      implements RequestHandler<Map<String, Object>, Map<String, Object>> {
    @Override
    public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
      boolean good = event.get("identitySource").equals(List.of("Bearer good"));
      return Map.of("isAuthorized", good, "context", Map.of("principal", "me"));
    }
  }

  @BeforeEach
  void start() throws Exception {
    echo = function("echo", Echo.class);
    authorizer = function("authorizer", Doorkeeper.class);
    api =
        HttpApi.start(
            0,
            List.of(
                new Route("GET /open/{name}", "echo", "NONE", null),
                new Route("POST /tokens", "echo", "CUSTOM", "authorizer"),
                new Route("POST /signed/{key}", "echo", "AWS_IAM", null)),
            Map.of("echo", echo, "authorizer", authorizer),
            Optional.empty());
  }

  @AfterEach
  void stop() {
    api.close();
    echo.close();
    authorizer.close();
  }

  @Test
  void a_request_becomes_a_payload_2_event_and_the_answer_a_response() throws Exception {
    HttpResponse<String> response =
        client.send(
            request("/open/a%20b?x=1&x=2&y=%2B").header("X-Some", "thing").build(),
            BodyHandlers.ofString());

    assertEquals(201, response.statusCode());
    assertEquals("\"e\"", response.headers().firstValue("ETag").orElseThrow());
    JsonNode event = new ObjectMapper().readTree(response.body());
    assertEquals("2.0", event.path("version").asText());
    assertEquals("a b", event.path("pathParameters").path("name").asText());
    assertEquals("1,2", event.path("queryStringParameters").path("x").asText());
    assertEquals("+", event.path("queryStringParameters").path("y").asText());
    assertEquals("thing", event.path("headers").path("x-some").asText());
    assertEquals("GET", event.path("requestContext").path("http").path("method").asText());
  }

  @Test
  void a_lambda_authorizer_is_asked_first() throws Exception {
    assertEquals(401, post("/tokens", null).statusCode());
    assertEquals(403, post("/tokens", "Bearer bad").statusCode());
    HttpResponse<String> good = post("/tokens", "Bearer good");

    assertEquals(201, good.statusCode());
    assertTrue(good.body().contains("\"lambda\":{\"principal\":\"me\"}"), good.body());
  }

  @Test
  void a_signed_request_passes_and_a_changed_one_does_not() throws Exception {
    SdkHttpRequest signed = signed("test", "/signed/a%20b?z=1&a=%2F", "{}");

    assertEquals(201, send(signed, "{}").statusCode());
    assertEquals(403, send(signed, "{\"other\":1}").statusCode());
    assertEquals(403, send(signed("wrong", "/signed/x", "{}"), "{}").statusCode());
    assertEquals(403, post("/signed/x", null).statusCode());
  }

  /** A quote in a body is two bytes of the event. */
  @Test
  void an_event_is_no_more_than_lambda_takes() throws Exception {
    int most = 6 * 1024 * 1024;

    assertEquals(201, post("/tokens", "Bearer good", "\"".repeat(most / 2 - 10_000)).statusCode());
    HttpResponse<String> refused = post("/tokens", "Bearer good", "\"".repeat(most / 2));

    assertEquals(413, refused.statusCode());
    assertEquals("{\"message\":\"Request Entity Too Large\"}", refused.body());
  }

  private HttpResponse<String> post(String path, String authorization) throws Exception {
    return post(path, authorization, "{}");
  }

  private HttpResponse<String> post(String path, String authorization, String body)
      throws Exception {
    HttpRequest.Builder request = request(path).POST(BodyPublishers.ofString(body));
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private SdkHttpRequest signed(String secret, String path, String body) {
    return AwsV4HttpSigner.create()
        .sign(sign ->
            sign.identity(AwsBasicCredentials.create("test", secret))
                .request(
                    SdkHttpRequest.builder()
                        .method(SdkHttpMethod.POST)
                        .uri(URI.create("http://localhost:" + api.port() + path))
                        .build())
                .payload(ContentStreamProvider.fromUtf8String(body))
                .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "execute-api")
                .putProperty(AwsV4HttpSigner.REGION_NAME, "us-east-1"))
        .request();
  }

  private HttpResponse<String> send(SdkHttpRequest signed, String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(signed.getUri()).POST(BodyPublishers.ofString(body));
    signed.forEachHeader((name, values) -> {
      if (!name.equalsIgnoreCase("host")) {
        values.forEach(value -> request.header(name, value));
      }
    });
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://localhost:" + api.port() + path));
  }

  private LocalFunction function(String name, Class<?> handler) {
    Path classes = Path.of("target", "test-classes").toAbsolutePath();
    var spec =
        new FunctionSpec(name, classes, handler.getName(), Map.of(), Duration.ofSeconds(30), 128);
    return new LocalFunction(spec, 2, folder.resolve("log"));
  }
}
