package dev.snapslice.mlflow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.runtime.testing.LambdaContext;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What is answered where a request fails at what is no exception. */
class MlflowHandlerTest {

  @Test
  void answers_where_a_request_needs_too_much_stack() throws IOException {
    JsonNode answer = answer(new StackOverflowError());

    assertThat(answer.path("statusCode").asInt()).isEqualTo(500);
    assertThat(answer.path("body").asText()).contains("\"error_code\":\"INTERNAL_ERROR\"");
  }

  @Test
  void fails_where_there_is_no_memory() {
    assertThatExceptionOfType(OutOfMemoryError.class)
        .isThrownBy(() -> answer(new OutOfMemoryError()));
  }

  private static JsonNode answer(Error error) throws IOException {
    MlflowHandler handler =
        new MlflowHandler(call -> {
          throw error;
        });
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    handler.handleRequest(
        new ByteArrayInputStream("{\"rawPath\": \"/x\"}".getBytes(UTF_8)),
        output,
        new LambdaContext());
    return Json.read(output.toString(UTF_8), JsonNode.class);
  }
}
