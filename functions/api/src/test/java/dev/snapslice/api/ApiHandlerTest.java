package dev.snapslice.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.testing.Moto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ApiHandlerTest {
  @RegisterExtension static final Moto MOTO = new Moto();

  private final TestInstallation installation = new TestInstallation(MOTO);
  private final RestClient rest = installation.rest();

  @Test
  void tells_anybody_that_it_works_and_what_it_is() {
    assertThat(rest.get("/health").body().path("status").asText()).isEqualTo("ok");
    assertThat(rest.get("/version").body().path("version").asText()).matches("\\d.*");
  }

  @Test
  void asks_everybody_else_who_they_are() {
    RestClient.Response answer = rest.get("/v1/buckets");

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
  }

  @Test
  void takes_whom_iam_lets_through_for_an_administrator() {
    RestClient.Response issued = rest.send(RestClient.sample("apigateway-signed-request.json"));

    assertThat(issued.status()).isEqualTo(201);
    assertThat(issued.body().path("issuer").asText())
        .isEqualTo("arn:aws:iam::123456789012:user/ann");
  }

  @Test
  void lets_who_has_signed_in_do_what_the_groups_say() {
    installation.activeBucket("films");
    ObjectNode reader = RestClient.sample("apigateway-signed-in-request.json");
    ObjectNode nobody = reader.deepCopy();
    ((ObjectNode) nobody.at("/requestContext/authorizer/jwt/claims"))
        .put("cognito:groups", "[film-makers not-snapslice-reader]");

    assertThat(rest.send(reader).body().path("buckets")).hasSize(1);
    assertThat(rest.send(nobody).status()).isEqualTo(403);
  }

  @Test
  void reads_the_event_that_api_gateway_sends_for_a_token() {
    installation.activeBucket("films");
    installation.put("films", "a/1", "v1", TestInstallation.NOW.minusSeconds(7200));
    installation.put("films", "b/1", "v1", TestInstallation.NOW.minusSeconds(7200));

    RestClient.Response listed = rest.send(RestClient.sample("apigateway-request.json"));

    assertThat(listed.body().path("objects").findValuesAsText("key")).containsExactly("a/1");
  }

  @Test
  void refuses_what_it_cannot_read_and_never_tells_how_it_is_made() {
    RestClient admin = rest.asAdmin();

    assertThat(admin.post("/v1/buckets", "{").status()).isEqualTo(400);
    assertThat(admin.post("/v1/buckets", "[]").status()).isEqualTo(400);
    assertThat(admin.post("/v1/buckets", "{'name':1}").status()).isEqualTo(400);
    assertThat(admin.post("/v1/buckets", "{'name':'films','nmae':1}").status()).isEqualTo(400);
    assertThat(admin.get("/v1/buckets?a=%ff").body().path("detail").asText())
        .isEqualTo("the URL holds bytes that are no UTF-8");
    assertThat(admin.get("/v1/buckets?a=1&a=2").status()).isEqualTo(400);
  }

  @Test
  void answers_a_fault_as_a_problem_without_details() {
    ObjectNode event = RestClient.sample("apigateway-request.json");
    event.putObject("pathParameters").put("bucket", "films");

    RestClient.Response answer = rest.send(event);

    assertThat(answer.status()).isIn(404, 500);
    assertThat(answer.body().toString()).doesNotContain("Exception");
  }
}
