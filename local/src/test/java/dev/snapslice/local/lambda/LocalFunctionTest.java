package dev.snapslice.local.lambda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFunctionTest {
  private static final int LARGEST = 6_291_556;

  @TempDir Path folder;

  /** Does as the event's {@code do} says. */
  public static final class Obedient
      implements RequestHandler<Map<String, String>, Map<String, String>> {
    @Override
    public Map<String, String> handleRequest(Map<String, String> event, Context context) {
      switch (event.get("do")) {
        case "throw" -> throw new IllegalStateException("as told");
        case "exit" -> Runtime.getRuntime().halt(3);
        case "sleep" -> sleep();
        case "say as much as can be" -> {
          return ofLength(LARGEST);
        }
        case "say more" -> {
          return ofLength(LARGEST + 1);
        }
        default -> {}
      }
      return Map.of(
          "process", Long.toString(ProcessHandle.current().pid()),
          "colour", System.getenv("COLOUR"),
          "function", context.getFunctionName());
    }

    /** As JSON. */
    private static Map<String, String> ofLength(int bytes) {
      return Map.of("x", "x".repeat(bytes - "{'x':''}".length()));
    }

    private static void sleep() {
      try {
        Thread.sleep(60_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void answers_with_what_the_handler_returned_in_its_own_environment() throws Exception {
    try (var function = function(Duration.ofSeconds(30))) {
      String answer = invoke(function, "answer");

      assertTrue(answer.contains("\"colour\":\"blue\""), answer);
      assertTrue(answer.contains("\"function\":\"obedient\""), answer);
    }
  }

  @Test
  void keeps_an_environment_for_the_next_event_also_after_an_error() throws Exception {
    try (var function = function(Duration.ofSeconds(30))) {
      String first = invoke(function, "answer");
      var thrown = assertThrows(InvocationException.class, () -> invoke(function, "throw"));
      String second = invoke(function, "answer");

      assertTrue(thrown.getMessage().contains("as told"), thrown.getMessage());
      assertEquals(first, second);
    }
  }

  @Test
  void starts_anew_after_the_process_died_or_timed_out() throws Exception {
    try (var function = function(Duration.ofSeconds(5))) {
      String first = invoke(function, "answer");
      var died = assertThrows(InvocationException.class, () -> invoke(function, "exit"));
      String second = invoke(function, "answer");
      var late = assertThrows(InvocationException.class, () -> invoke(function, "sleep"));
      String third = invoke(function, "answer");

      assertTrue(died.getMessage().contains("exit code 3"), died.getMessage());
      assertTrue(late.getMessage().contains("timed out"), late.getMessage());
      assertNotEquals(first, second);
      assertNotEquals(second, third);
    }
  }

  @Test
  void an_answer_is_no_more_than_lambda_hands_over() throws Exception {
    try (var function = function(Duration.ofSeconds(30))) {
      String largest = invoke(function, "say as much as can be");
      var refused = assertThrows(InvocationException.class, () -> invoke(function, "say more"));
      String next = invoke(function, "answer");

      assertEquals(LARGEST, largest.length());
      assertTrue(refused.getMessage().contains("6291556 bytes"), refused.getMessage());
      assertTrue(next.contains("blue"), next);
    }
  }

  @Test
  void a_handler_that_does_not_exist_is_told_by_name() throws Exception {
    var spec =
        new FunctionSpec(
            "missing", classes(), "no.such.Handler", Map.of(), Duration.ofSeconds(30), 128);
    try (var function = new LocalFunction(spec, 1, folder.resolve("log"))) {
      var thrown = assertThrows(InvocationException.class, () -> invoke(function, "answer"));

      String told = thrown.getMessage() + Files.readString(folder.resolve("log"));
      assertTrue(told.contains("no.such.Handler"), told);
    }
  }

  private LocalFunction function(Duration timeout) {
    var spec =
        new FunctionSpec(
            "obedient",
            classes(),
            Obedient.class.getName(),
            Map.of("COLOUR", "blue"),
            timeout,
            128);
    return new LocalFunction(spec, 1, folder.resolve("log"));
  }

  private static Path classes() {
    return Path.of("target", "test-classes").toAbsolutePath();
  }

  private static String invoke(LocalFunction function, String what) throws InvocationException {
    byte[] event = "{\"do\": \"%s\"}".formatted(what).getBytes(StandardCharsets.UTF_8);
    return new String(function.invoke(event), StandardCharsets.UTF_8);
  }
}
