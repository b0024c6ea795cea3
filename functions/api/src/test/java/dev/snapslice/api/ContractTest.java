package dev.snapslice.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.testing.Moto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ContractTest {
  @RegisterExtension static final Moto MOTO = new Moto();

  private final Contract contract = Contract.read();

  @Test
  void every_route_of_the_contract_is_handled_and_no_other() {
    Api api = new Api(new TestInstallation(MOTO).domain());

    assertThat(api.routes().keySet()).containsExactlyElementsOf(contract.routes());
  }

  @Test
  void every_schema_has_examples_that_are_valid() {
    assertThat(contract.schemas())
        .allSatisfy((name, schema) -> {
          assertThat(schema.path("examples")).isNotEmpty();
          for (JsonNode example : schema.path("examples")) {
            assertThat(contract.faults(schema, example)).isEmpty();
          }
        });
  }

  @Test
  void a_wrong_body_is_found() {
    JsonNode health = contract.schemas().get("Health");

    assertThat(contract.faults(health, Json.MAPPER.createObjectNode().put("status", "so-so")))
        .isNotEmpty();
    assertThat(
            contract.faults(health, Json.MAPPER.createObjectNode().put("status", "ok").put("x", 1)))
        .isNotEmpty();
  }
}
