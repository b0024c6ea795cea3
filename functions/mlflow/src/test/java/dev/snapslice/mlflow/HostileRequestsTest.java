package dev.snapslice.mlflow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Permission;
import dev.snapslice.runtime.GatewayEvent;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What a client sends is never our fault: whatever stands anywhere in a call, it is answered or
 * refused, and everything is read afterwards as before. Each value comes to some of the places;
 * {@code SNAPSLICE_HOSTILE=1} sends all of them.
 */
final class HostileRequestsTest {
  private static final int EVERY =
      Integer.parseInt(Optional.ofNullable(System.getenv("SNAPSLICE_HOSTILE")).orElse("40"));
  private static final String MARK = "\u0001";
  private static final Pattern NAME = Pattern.compile("\\$([a-z]+)");
  private static final Set<String> NOT_ASKED =
      Set.of(
          // It would send.
          "POST /api/2.0/mlflow/webhooks/{webhook_id}/test");

  /** As MLflow's server says it, with the same status. */
  private static final String ELSEWHERE = "Trace data not stored in tracking store";

  private static final List<String> VALUES =
      Stream.concat(
              """
              null
              true
              0
              -1
              1.5
              1e999
              -1e999
              NaN
              1e-400
              9223372036854775807
              -9223372036854775808
              9223372036854775808
              2305843009213693952
              123456789012345678901234567890123456789012345678901234567890
              []
              {}
              [null]
              [[]]
              [1]
              [{}]
              [""]
              {"": {"": null}}
              {"a": [1e999, NaN]}
              {"\\u0000\\ud800": "v"}
              ""
              " "
              "NaN"
              "1e999"
              "1e100000000"
              "1e100000000s"
              "9223372036854775808"
              "\\u0661"
              "0x10"
              "a\\u0000b"
              "\\ud800"
              "{"
              "{}"
              "[]"
              "null"
              "[1]"
              "[[null]]"
              "{\\"a\\": NaN, \\"input_tokens\\": 1e300, \\"input_cost\\": -1e999}"
              "[{\\"inputs\\": 1}]"
              "[{\\"inputs\\": {\\"a\\": NaN, \\"\\\\u0000\\": \\"\\\\ud800\\"}}]"
              "[{\\"inputs\\": {\\"a\\": 1}, \\"source\\": 1, \\"tags\\": 1, \\"expectations\\": 1}]"
              "../.."
              "a/../b"
              "%"
              "%zz"
              "a'b"
              "'"
              "a = 'b' AND"
              "tags.`"
              "+999999999-01-01T00:00:00Z"
              "9999-12-31T23:59:59-18:00"
              "runs:/"
              "models:/films/99999999999999999999"
              "models:/films@"
              "s3://"
              "http://["
              "mlflow-artifacts:/../.."
              "$experiment"
              "$trace"
              """
                  .lines(),
              Stream.of(
                  Json.write("\ud83d\ude00".repeat(4_095)),
                  Json.write("a" + "\ud83d\ude00".repeat(4_095)),
                  Json.write("x".repeat(100_000)),
                  token("{\"offset\": 9223372036854775807}"),
                  token("{\"offset\": -1}"),
                  token("[]"),
                  token("\ufffd"),
                  "[".repeat(100) + "]".repeat(100),
                  "[".repeat(990) + "]".repeat(990),
                  Json.write("[".repeat(990) + "]".repeat(990)),
                  "{\"a\":".repeat(100) + "1" + "}".repeat(100)))
          .toList();

  /** Instead of a whole message. */
  private static final List<byte[]> BODIES =
      Stream.of(
              "",
              "null",
              "1",
              "NaN",
              "{",
              "[]",
              "[{}]",
              "\"\"",
              "\"{\\\"name\\\": 1}\"",
              "{\"name\": \"a\", \"name\": 1}",
              "\ufeff{}",
              "[".repeat(2_000),
              "{\"a\":".repeat(2_000))
          .map(text -> text.getBytes(UTF_8))
          .toList();

  /** Where the ids of what was made are told. */
  private static final Map<String, String> IDS =
      Map.of(
          "experiment", "/experiment_id",
          "run", "/run/info/run_id",
          "model", "/model/info/model_id",
          "trace", "/trace/trace_info/trace_id",
          "assessment", "/assessment/assessment_id",
          "dataset", "/dataset/dataset_id",
          "role", "/role/id",
          "permission", "/role_permission/id",
          "webhook", "/webhook/webhook_id");

  private final InProcess mlflow = new InProcess(Permission.MANAGE);
  private final Map<String, String> names = new HashMap<>();
  private final List<String> faults = new ArrayList<>();
  private int made;

  /**
   * A call that is answered, with names for what there is.
   *
   * @param message JSON, or empty
   */
  private record Sample(String method, String path, String message) {
    static Sample of(String line) {
      String[] words = line.split(" ", 3);
      return new Sample(words[0], words[1], words.length > 2 ? words[2] : "");
    }

    Sample with(String other) {
      return new Sample(method, path, other);
    }

    boolean reads() {
      return method.equals("GET") || path.endsWith("/search");
    }

    /** The route's name; what is named in a path is a segment. */
    boolean isOf(String route) {
      String[] words = route.split(" ", 2);
      String pattern = words[1].replaceAll("\\{\\w+}", "[^/]+").replaceAll("\\{\\w+\\*}", ".+");
      return method.equals(words[0]) && path.matches(pattern);
    }
  }

  private static String token(String text) {
    return Json.write(Base64.getEncoder().encodeToString(text.getBytes(UTF_8)));
  }

  private static List<Sample> samples(String file) {
    return lines(file).stream().map(Sample::of).toList();
  }

  private static List<String> lines(String file) {
    try (InputStream lines = HostileRequestsTest.class.getResourceAsStream(file)) {
      return new String(lines.readAllBytes(), UTF_8).lines().toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }

  /** JSON as it is written in a query. */
  private static String plain(JsonNode value) {
    return value.isTextual() ? value.asText() : value.toString();
  }

  private static String query(String message) {
    List<String> pairs = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : Json.read(message, JsonNode.class).properties()) {
      Iterable<JsonNode> values =
          field.getValue().isArray() ? field.getValue() : List.of(field.getValue());
      values.forEach(value -> pairs.add(encoded(field.getKey()) + "=" + encoded(plain(value))));
    }
    return String.join("&", pairs);
  }

  private String filled(String text) {
    return NAME.matcher(text)
        .replaceAll(found ->
            Matcher.quoteReplacement(
                names.getOrDefault(found.group(1), "n%030d".formatted(++made))));
  }

  private InProcess.Answer ask(Sample sample) {
    return ask(sample, "null");
  }

  /** Asks, with a value where the message is marked. */
  private InProcess.Answer ask(Sample sample, String value) {
    String message = filled(sample.message());
    String text = value.startsWith("\"") ? Json.read(filled(value), String.class) : value;
    boolean inQuery = sample.method().equals("GET") && !message.isEmpty();
    return ask(
        sample,
        filled(sample.path()),
        inQuery ? query(message).replace(encoded(MARK), encoded(text)) : "",
        message.replace(Json.write(MARK), filled(value)).getBytes(UTF_8));
  }

  private InProcess.Answer ask(Sample sample, String path, String query, byte[] body) {
    ObjectNode event = Json.MAPPER.createObjectNode().put("rawPath", path);
    event.put("rawQueryString", query).put("isBase64Encoded", true);
    event.put("body", Base64.getEncoder().encodeToString(body));
    ObjectNode context = event.putObject("requestContext");
    context.putObject("http").put("method", sample.method());
    context
        .putObject("authorizer")
        .putObject("lambda")
        .put("principal", "root")
        .put("grant", Json.write(Grant.everywhere(Role.ADMIN)));
    ObjectNode headers = event.putObject("headers").put("content-type", "application/json");
    headers.put("x-mlflow-experiment-id", names.getOrDefault("experiment", ""));
    InProcess.Answer answer = mlflow.ask(new GatewayEvent(event));
    judge(
        "%s %s %s %s".formatted(sample.method(), path, query, new String(body, UTF_8)),
        sample,
        answer);
    return answer;
  }

  private void judge(String call, Sample sample, InProcess.Answer answer) {
    String message = answer.json().path("message").asText();
    boolean told = answer.json().has("error_code") || sample.path().equals("/v1/traces");
    boolean fault = answer.status() >= 500 && answer.status() != 501 && !message.equals(ELSEWHERE);
    if (fault || (answer.status() >= 400 && !told)) {
      faults.add("%s: %s %s".formatted(cut(call), answer.status(), cut(message)));
    }
  }

  private static String cut(String text) {
    return text.length() <= 500 ? text : text.substring(0, 500) + "…";
  }

  /** Makes one of everything. */
  private void make() {
    for (Sample sample : samples("things.txt")) {
      JsonNode answer = ask(sample).json();
      IDS.forEach((name, at) -> {
        if (!answer.at(at).isMissingNode()) {
          names.put(name, answer.at(at).asText());
        }
      });
    }
  }

  /** The messages that a message becomes when one of its places is marked. */
  private static List<String> marked(String message) {
    List<String> all = new ArrayList<>();
    if (!message.isEmpty()) {
      JsonNode json = Json.read(message, JsonNode.class);
      mark(json, json, all);
    }
    return all;
  }

  private static void mark(JsonNode whole, JsonNode node, List<String> all) {
    if (node instanceof ObjectNode object) {
      for (String name : object.propertyStream().map(Map.Entry::getKey).toList()) {
        JsonNode before = object.replace(name, TextNode.valueOf(MARK));
        all.add(Json.write(whole));
        object.set(name, before);
        mark(whole, before, all);
      }
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        JsonNode before = array.get(i);
        array.set(i, TextNode.valueOf(MARK));
        all.add(Json.write(whole));
        array.set(i, before);
        mark(whole, before, all);
      }
    }
  }

  /** Sends every so manieth of the values, others to each place. */
  private void sendHostile(Sample sample) {
    int place = 0;
    for (String marked : marked(sample.message())) {
      place++;
      for (int i = place % EVERY; i < VALUES.size(); i += EVERY) {
        ask(sample.with(marked), VALUES.get(i));
      }
    }
    Matcher name = NAME.matcher(sample.path());
    while (name.find()) {
      for (int i = place % EVERY; i < VALUES.size(); i += EVERY) {
        String value = encoded(plain(plainJson(VALUES.get(i))));
        if (value.length() < 4_000) {
          ask(
              sample,
              filled(sample.path().substring(0, name.start()))
                  + value
                  + filled(sample.path().substring(name.end())),
              "",
              filled(sample.message()).getBytes(UTF_8));
        }
      }
    }
    if (!sample.method().equals("GET") && !sample.message().isEmpty()) {
      for (byte[] body : BODIES) {
        ask(sample, filled(sample.path()), "", body);
      }
      ask(sample, filled(sample.path()), "", new byte[] {'{', (byte) 0xff, (byte) 0xc0, '}'});
    }
  }

  private static JsonNode plainJson(String value) {
    return value.startsWith("\"") ? Json.read(value, JsonNode.class) : TextNode.valueOf(value);
  }

  @Test
  void nothing_that_is_sent_is_our_fault() {
    List<Sample> samples = samples("calls.txt");
    make();
    for (Sample sample : samples) {
      if (ask(sample).status() >= 400) {
        make();
        ask(sample);
      }
      sendHostile(sample);
      if (!sample.reads()) {
        samples.stream().filter(Sample::reads).forEach(this::ask);
      }
    }

    assertThat(faults).isEmpty();
    assertThat(Stream.concat(mlflow.mlflow().ruled(), mlflow.mlflow().unruled()))
        .allMatch(
            route -> NOT_ASKED.contains(route) || samples.stream().anyMatch(s -> s.isOf(route)));
  }

  @Test
  void what_once_failed_is_answered_or_refused() {
    make();
    names.put("deep", "[".repeat(500) + "]".repeat(500));
    names.put("deepest", "[".repeat(990) + "]".repeat(990));
    names.put("long", "x".repeat(100_000));

    for (String line : lines("mended.txt")) {
      InProcess.Answer answer = ask(Sample.of(line.substring(4)));
      assertThat(answer.status())
          .as("%s %s", line, answer)
          .isEqualTo(Integer.parseInt(line.substring(0, 3)));
    }
  }
}
