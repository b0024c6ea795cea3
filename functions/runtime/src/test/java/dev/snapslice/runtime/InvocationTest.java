package dev.snapslice.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.snapslice.runtime.testing.LambdaContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class InvocationTest {
  private final PrintStream before = System.out;
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  @BeforeEach
  void capture() {
    System.setOut(new PrintStream(written, true, UTF_8));
  }

  @AfterEach
  void release() {
    System.setOut(before);
  }

  @Test
  void ends_with_one_line_of_its_notes_and_one_of_its_metrics() throws IOException {
    String result =
        Invocation.<String, RuntimeException>run(
            "batch",
            new LambdaContext(),
            invocation -> {
              invocation.note("messages", 3);
              invocation.count("Events", 7);
              return "done";
            });

    assertThat(result).isEqualTo("done");
    JsonNode line = lines().stream().filter(l -> l.has("message")).toList().getFirst();
    assertThat(line.path("level").asText()).isEqualTo("INFO");
    assertThat(line.path("message").asText()).isEqualTo("batch");
    assertThat(line.path("function_request_id").asText()).isEqualTo("request");
    assertThat(line.path("messages").asInt()).isEqualTo(3);
    assertThat(line.path("Events").asInt()).isEqualTo(7);
    JsonNode metrics = lines().stream().filter(l -> l.has("_aws")).toList().getFirst();
    JsonNode cloudWatch = metrics.path("_aws").path("CloudWatchMetrics").path(0);
    assertThat(cloudWatch.path("Namespace").asText()).isEqualTo("Snapslice");
    assertThat(cloudWatch.path("Dimensions")).hasToString("[[\"service\"]]");
    assertThat(metrics.path("Events").asDouble()).isEqualTo(7);
  }

  @Test
  void logs_what_the_work_throws_and_throws_it_on() throws IOException {
    assertThatThrownBy(() ->
            Invocation.run(
                "task",
                new LambdaContext(),
                invocation -> {
                  throw new IOException("no network\nat all");
                }))
        .isInstanceOf(IOException.class);

    JsonNode line =
        lines().stream().filter(l -> l.path("message").asText().equals("task")).toList().getFirst();
    assertThat(line.path("level").asText()).isEqualTo("ERROR");
    assertThat(line.path("error").path("name").asText()).isEqualTo("java.io.IOException");
    assertThat(line.path("error").path("message").asText()).isEqualTo("no network\nat all");
    assertThat(line.path("error").path("stack").asText()).contains("InvocationTest");
  }

  @Test
  void forgets_its_keys_when_it_ends() throws IOException {
    Invocation.<Void, RuntimeException>run("one", new LambdaContext(), invocation -> null);
    written.reset();

    LoggerFactory.getLogger("dev.snapslice.test").info("after {}", "wards");

    JsonNode line = lines().getFirst();
    assertThat(line.path("message").asText()).isEqualTo("after wards");
    assertThat(line.has("function_request_id")).isFalse();
  }

  @Test
  void others_log_from_warnings_on() throws IOException {
    LoggerFactory.getLogger("software.amazon.awssdk").info("chatter");
    LoggerFactory.getLogger("software.amazon.awssdk").warn("trouble");
    LoggerFactory.getLogger("dev.snapslice.test").debug("a key");

    assertThat(lines()).hasSize(1);
    assertThat(lines().getFirst().path("message").asText()).isEqualTo("trouble");
  }

  /** Every line is one JSON object. */
  private List<JsonNode> lines() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : written.toString(UTF_8).split("\n", -1)) {
      if (!line.isEmpty()) {
        lines.add(new ObjectMapper().readTree(line));
      }
    }
    return lines;
  }
}
