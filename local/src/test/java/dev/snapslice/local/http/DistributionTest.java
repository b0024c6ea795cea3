package dev.snapslice.local.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a browser meets at the address of MLflow. */
class DistributionTest {
  private static final String SESSION = "snapslice-session=snt_good";

  @TempDir Path folder;
  private final HttpClient client = HttpClient.newHttpClient();
  private HttpApi api;

  @BeforeEach
  void start() throws Exception {
    Path ui = Files.createDirectories(folder.resolve("ui/static-files")).getParent();
    Files.writeString(ui.resolve("index.html"), "<html>");
    Files.writeString(ui.resolve("static-files/a.js"), "1");
    Files.writeString(folder.resolve("secret"), "secret");
    Upstream nowhere = new Upstream(URI.create("http://localhost:1"), Pattern.compile("/up/.*"));
    api =
        HttpApi.start(
            0,
            List.of(new Route("ANY /api", "tell", "CUSTOM", "authorize")),
            Map.of("tell", DistributionTest::tell, "authorize", DistributionTest::authorize),
            Optional.of(new Distribution(nowhere, new UiFiles(ui, false))));
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private static byte[] tell(byte[] event) {
    return "{\"statusCode\": 200, \"body\": \"done\"}".getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] authorize(byte[] event) {
    boolean good =
        new String(event, StandardCharsets.UTF_8)
            .contains("\"authorization\":\"Session snt_good\"");
    return "{\"isAuthorized\": %s, \"context\": {}}"
        .formatted(good)
        .getBytes(StandardCharsets.UTF_8);
  }

  private HttpResponse<String> ask(String method, String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + api.port() + path))
            .method(method, BodyPublishers.noBody());
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  @Test
  void the_link_begins_a_session_that_no_script_reads_and_no_other_site_sends() throws Exception {
    HttpResponse<String> answer = ask("GET", "/sign-in?token=snt_good");

    assertEquals(200, answer.statusCode());
    String cookie = header(answer, "set-cookie");
    assertTrue(cookie.startsWith(SESSION + ";"), cookie);
    assertTrue(cookie.contains("HttpOnly; SameSite=Strict"), cookie);
    assertEquals("no-store", header(answer, "cache-control"));
    assertEquals("no-referrer", header(answer, "referrer-policy"));
  }

  @Test
  void what_is_no_token_begins_nothing() throws Exception {
    HttpResponse<String> answer = ask("GET", "/sign-in?token=snt_a%0d%0aX:+y");

    assertEquals(404, answer.statusCode());
    assertEquals("", header(answer, "set-cookie"));
  }

  @Test
  void the_page_is_for_who_is_signed_in_and_its_files_for_all() throws Exception {
    assertEquals(401, ask("GET", "/").statusCode());
    HttpResponse<String> page = ask("GET", "/", "Cookie", "other=1; " + SESSION);
    HttpResponse<String> script = ask("GET", "/static-files/a.js");

    assertEquals("<html>", page.body());
    assertEquals("text/html; charset=utf-8", header(page, "content-type"));
    assertEquals("no-cache", header(page, "cache-control"));
    assertEquals("text/javascript", header(script, "content-type"));
    assertEquals("max-age=2419200", header(script, "cache-control"));
  }

  @Test
  void nothing_outside_the_folder_is_sent() throws Exception {
    for (String path :
        List.of(
            "/static-files/../../secret",
            "/static-files/%2e%2e/%2e%2e/secret",
            "/static-files/..%2f..%2fsecret",
            "/static-files/none.js",
            "/static-files/")) {
      HttpResponse<String> answer = ask("GET", path);

      assertEquals(404, answer.statusCode(), path);
      assertFalse(answer.body().contains("secret"), path);
    }
  }

  @Test
  void a_session_opens_the_api_and_a_token_of_its_own_goes_first() throws Exception {
    assertEquals(401, ask("GET", "/api").statusCode());
    assertEquals(200, ask("GET", "/api", "Cookie", SESSION).statusCode());
    assertEquals(
        403, ask("GET", "/api", "Cookie", SESSION, "Authorization", "Bearer snt_bad").statusCode());
  }
}
