package dev.snapslice.infra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The functions at CloudFront's edge, run by Node, which the CDK takes anyway. */
class SessionEdgeTest {
  private static final ObjectMapper json = new ObjectMapper();
  private static final Map<String, Object> SESSION =
      Map.of("__Host-snapslice-session", Map.of("value", "sns_A_b"), "other", Map.of("value", "1"));

  private static JsonNode handled(
      String function, String uri, Map<String, Object> headers, Map<String, Object> cookies)
      throws IOException, InterruptedException {
    String code = Files.readString(Path.of("src/main/resources/edge", function + ".js"));
    Map<String, Object> request = Map.of("uri", uri, "headers", headers, "cookies", cookies);
    String event = json.writeValueAsString(Map.of("request", request));
    Process node =
        new ProcessBuilder(
                "node", "-e", code + "console.log(JSON.stringify(handler(" + event + ")))")
            .redirectErrorStream(true)
            .start();
    String output = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(node.waitFor()).as(output).isZero();
    return json.readTree(output);
  }

  @Test
  void a_sessions_cookie_becomes_a_header_and_other_cookies_stay() throws Exception {
    JsonNode request = handled("session", "/api/2.0/mlflow/runs/get", Map.of(), SESSION);

    assertThat(request.at("/headers/authorization/value").asText()).isEqualTo("Session sns_A_b");
    assertThat(request.path("cookies").toString()).isEqualTo("{\"other\":{\"value\":\"1\"}}");
  }

  @Test
  void what_a_client_shows_of_its_own_goes_first() throws Exception {
    Map<String, Object> token = Map.of("authorization", Map.of("value", "Bearer snt_A_b"));

    assertThat(handled("session", "/api", token, SESSION).at("/headers/authorization/value"))
        .hasToString("\"Bearer snt_A_b\"");
    assertThat(handled("session", "/api", token, Map.of()).path("headers"))
        .isEqualTo(json.valueToTree(token));
    assertThat(handled("session", "/api", Map.of(), Map.of()).path("headers")).isEmpty();
  }

  @Test
  void the_page_is_for_who_has_a_session_and_its_files_for_all() throws Exception {
    for (String page : new String[] {"/", "/index.html"}) {
      JsonNode answer = handled("page", page, Map.of(), Map.of());

      assertThat(answer.path("statusCode").asInt()).isEqualTo(302);
      assertThat(answer.at("/headers/location/value").asText()).isEqualTo("/auth/login");
      assertThat(handled("page", page, Map.of(), SESSION).path("uri").asText()).isEqualTo(page);
    }
    assertThat(handled("page", "/static-files/a.js", Map.of(), Map.of()).has("statusCode"))
        .isFalse();
  }
}
