package dev.snapslice.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiRoutesTest {
  @TempDir private Path folder;

  private Path contract(String text) throws IOException {
    return Files.writeString(folder.resolve("openapi.yaml"), text);
  }

  @Test
  void reads_every_operation_and_knows_the_open_ones() throws IOException {
    Path contract =
        contract(
            """
            security: [{bearer: []}]
            paths:
              /health:
                get: {security: []}
              /v1/labels:
                parameters: []
                get: {}
                post: {security: [{sigv4: []}, {bearer: []}]}
            """);

    assertThat(ApiRoutes.read(contract))
        .extracting(route -> route.method() + " " + route.path() + " " + route.open())
        .containsExactly("GET /health true", "GET /v1/labels false", "POST /v1/labels false");
  }

  @Test
  void refuses_a_contract_that_opens_more_than_is_deployed_open() throws IOException {
    Path contract =
        contract(
            """
            security: [{bearer: []}]
            paths:
              /v1/labels:
                get: {security: []}
            """);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ApiRoutes.read(contract))
        .withMessageContaining("GET /v1/labels does not want a bearer token");
  }

  @Test
  void refuses_a_contract_that_closes_what_is_deployed_open() throws IOException {
    Path contract =
        contract(
            """
            security: [{bearer: []}]
            paths:
              /health:
                get: {}
            """);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ApiRoutes.read(contract))
        .withMessageContaining("GET /health wants a bearer token");
  }
}
