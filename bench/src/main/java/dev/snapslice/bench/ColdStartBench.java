package dev.snapslice.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.core.index.TabletRef;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.task.MaintenanceTask;
import dev.snapslice.local.lambda.FunctionSpec;
import dev.snapslice.local.lambda.LocalFunction;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * How long each deployed function takes from the start of its process to its first answer, under
 * AWS's runtime interface client and without SnapStart, and how large its jar is. Each first event
 * does real work: it reads and writes tables, sends messages, checks a token.
 */
final class ColdStartBench implements Benchmark {
  private static final int ROUNDS = 7;
  private static final Path STATE = Path.of(".snapslice", "bench-stack");

  @Override
  public void run(Report report) throws Exception {
    report.progress("cdk deploy into a local stack (the log is " + STATE + ".log)");
    double slowest = 0;
    double largest = 0;
    try (DeployedStack stack = DeployedStack.start(STATE)) {
      try (DynamoDbClient dynamo = stack.dynamo()) {
        new TimeIndex(dynamo, stack.indexTable(), InstantSource.system()).create(FirstEvent.BUCKET);
      }
      List<FunctionSpec> functions = stack.functions();
      String token = token(functions);
      for (FunctionSpec function : functions) {
        String name = name(function);
        double millis = median(function, name, token);
        double mebibytes = Files.size(function.code()) / 1048576.0;
        report.figure("coldstart_ms_" + name, millis, "ms", "", "median of " + ROUNDS);
        report.figure("jar_mib_" + name, mebibytes, "MiB", "", function.handler());
        slowest = Math.max(slowest, millis);
        largest = Math.max(largest, mebibytes);
      }
    }
    report.figure("coldstart_ms_max", slowest, "ms", "<= 1500", "init + first invoke");
    report.figure("jar_mib_max", largest, "MiB", "<= 15", "");
  }

  /** As in IngestHandler: ingest. */
  private static String name(FunctionSpec function) {
    String handler = function.handler();
    return handler
        .substring(handler.lastIndexOf('.') + 1)
        .replaceFirst("Handler$", "")
        .toLowerCase(Locale.ROOT);
  }

  /** A token for the authorizer to check, issued by the API function itself. */
  private static String token(List<FunctionSpec> functions) throws Exception {
    FunctionSpec api =
        functions.stream().filter(function -> name(function).equals("api")).findFirst().get();
    JsonNode answer = Json.MAPPER.readTree(answer(api, FirstEvent.issueToken()));
    return Json.MAPPER.readTree(answer.path("body").asText()).path("token").asText();
  }

  private static double median(FunctionSpec function, String name, String token) throws Exception {
    byte[] event = FirstEvent.first(name, token);
    double[] millis = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      long start = System.nanoTime();
      answer(function, event);
      millis[i] = (System.nanoTime() - start) / 1e6;
    }
    Arrays.sort(millis);
    return millis[ROUNDS / 2];
  }

  /** What a new execution environment answers to its first event. */
  private static byte[] answer(FunctionSpec function, byte[] event) throws Exception {
    Path log = STATE.resolve("coldstart").resolve(function.name() + ".log");
    try (LocalFunction cold = new LocalFunction(function, 1, log)) {
      byte[] answer = cold.invoke(event);
      JsonNode json = answer.length == 0 ? Json.MAPPER.nullNode() : Json.MAPPER.readTree(answer);
      boolean refused =
          json.path("statusCode").asInt(200) >= 400
              || !json.path("batchItemFailures").isEmpty()
              || !json.path("isAuthorized").asBoolean(true);
      if (refused) {
        throw new IllegalStateException(
            function.name() + " answered " + json + ": its log is " + log);
      }
      return answer;
    }
  }

  /** What each function is woken up by. */
  private static final class FirstEvent {
    static final String BUCKET = "camera-frames";
    private static final Path SAMPLES = Path.of("test-events");

    private FirstEvent() {}

    static byte[] first(String function, String token) throws IOException {
      return switch (function) {
        case "ingest" -> queued(new String(sample("s3-put.json"), StandardCharsets.UTF_8));
        case "task" -> queued(Json.write(new MaintenanceTask.Maintain(new TabletRef(BUCKET, ""))));
        case "webhook" -> queued(Json.write(Map.of("webhook", "gone", "id", "1", "body", "{}")));
        case "schedule", "maintenance" -> json(Map.of("source", "aws.events"));
        case "signin" ->
            json(
                Map.of(
                    "rawPath",
                    "/auth/login",
                    "requestContext",
                    Map.of("http", Map.of("method", "GET"))));
        case "mlflow" -> MlflowStack.event("runs/create", Map.of("experiment_id", "0"));
        case "api" -> issueToken();
        case "authorizer" ->
            new String(sample("apigateway-authorizer.json"), StandardCharsets.UTF_8)
                .replaceAll("snt_\\w+", token)
                .getBytes(StandardCharsets.UTF_8);
        default -> throw new IllegalArgumentException("nothing wakes " + function);
      };
    }

    static byte[] issueToken() throws IOException {
      return sample("apigateway-signed-request.json");
    }

    private static byte[] queued(String body) throws IOException {
      return json(Map.of("Records", List.of(Map.of("messageId", "1", "body", body))));
    }

    private static byte[] json(Object event) throws IOException {
      return Json.MAPPER.writeValueAsBytes(event);
    }

    private static byte[] sample(String name) throws IOException {
      return Files.readAllBytes(SAMPLES.resolve(name));
    }
  }
}
