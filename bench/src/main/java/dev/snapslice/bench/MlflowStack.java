package dev.snapslice.bench;

import static java.util.Map.entry;

import com.amazonaws.services.dynamodbv2.local.main.ServerRunner;
import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.json.Json;
import dev.snapslice.local.http.HttpApi;
import dev.snapslice.local.http.Route;
import dev.snapslice.local.lambda.FunctionSpec;
import dev.snapslice.local.lambda.Invocable;
import dev.snapslice.mlflow.MlflowHandler;
import dev.snapslice.mlflow.table.Deadline;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.Experiments;
import dev.snapslice.mlflow.tracking.RunPacker;
import dev.snapslice.mlflow.tracking.Runs;
import dev.snapslice.runtime.testing.LambdaContext;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.cloudwatchlogs.emf.config.EnvironmentConfigurationProvider;
import software.amazon.cloudwatchlogs.emf.environment.Environments;

/**
 * Our tracking server in this process: the local front, the function's handler, and DynamoDB Local
 * in memory behind a socket. The authoriser says yes at once, as API Gateway does from its cache.
 */
final class MlflowStack implements AutoCloseable {
  private static final String TABLE = "tracking";
  private static final String ROOT = "mlflow-artifacts:/";

  private final DynamoDbClient dynamo;
  private final HttpApi front;
  private final Map<String, String> environment;
  private final MlflowHandler handler;

  static MlflowStack start() throws Exception {
    int port = Minio.freePort();
    String[] options = {"-inMemory", "-disableTelemetry", "-port", "" + port};
    ServerRunner.createServerFromCommandLineArgs(options).start();
    EnvironmentConfigurationProvider.getConfig().setEnvironmentOverride(Environments.Lambda);
    String endpoint = "http://localhost:" + port;
    // Where the handler's own client looks, as it is in this process.
    System.setProperty("aws.endpointUrl", endpoint);
    System.setProperty("aws.region", "us-east-1");
    System.setProperty("aws.accessKeyId", "test");
    System.setProperty("aws.secretAccessKey", "test");
    return new MlflowStack(endpoint);
  }

  private MlflowStack(String endpoint) throws IOException {
    environment =
        Map.ofEntries(
            entry("SNAPSLICE_TRACKING_TABLE", TABLE),
            entry("SNAPSLICE_CATALOG_TABLE", "catalog"),
            entry("SNAPSLICE_ARTIFACT_ROOT", ROOT),
            entry("SNAPSLICE_ARTIFACT_BUCKET", "artifacts"),
            entry("SNAPSLICE_WEBHOOKS_QUEUE_URL", "none"),
            entry("SNAPSLICE_WEBHOOKS_KEY_ID", "none"),
            entry("AWS_ENDPOINT_URL", endpoint),
            entry("AWS_REGION", "us-east-1"),
            entry("AWS_ACCESS_KEY_ID", "test"),
            entry("AWS_SECRET_ACCESS_KEY", "test"));
    dynamo = DynamoDbClient.create();
    dynamo.createTable(r ->
        r.tableName(TABLE)
            .billingMode(BillingMode.PAY_PER_REQUEST)
            .attributeDefinitions(
                a -> a.attributeName("pk").attributeType(ScalarAttributeType.S),
                a -> a.attributeName("sk").attributeType(ScalarAttributeType.S))
            .keySchema(
                k -> k.attributeName("pk").keyType(KeyType.HASH),
                k -> k.attributeName("sk").keyType(KeyType.RANGE)));
    Route all = new Route("ANY /{path+}", "mlflow", "CUSTOM", "authorizer");
    handler = new MlflowHandler(environment);
    Map<String, Invocable> functions =
        Map.of("mlflow", this::answer, "authorizer", event -> verdict());
    front = HttpApi.start(Minio.freePort(), List.of(all), functions, Optional.empty());
  }

  private byte[] answer(byte[] event) {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    try {
      handler.handleRequest(new ByteArrayInputStream(event), answer, new LambdaContext());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return answer.toByteArray();
  }

  private static Map<String, Object> context() {
    return Map.of("principal", "bench", "grant", Json.write(Grant.everywhere(Role.WRITER)));
  }

  private static byte[] verdict() {
    return Json.write(Map.of("isAuthorized", true, "context", context()))
        .getBytes(StandardCharsets.UTF_8);
  }

  MlflowServer server() {
    return new MlflowServer(URI.create("http://localhost:" + front.port()));
  }

  /** Posts a message past the front: nothing of it is measured. */
  JsonNode fill(String path, Object message) throws IOException {
    JsonNode answer = Json.MAPPER.readTree(answer(event(path, message)));
    if (answer.path("statusCode").asInt() != 200) {
      throw new IOException(path + " answered " + answer);
    }
    return Json.MAPPER.readTree(answer.path("body").asText());
  }

  /** The deployed function, to be started as a process of its own. */
  FunctionSpec function() {
    return new FunctionSpec(
        "mlflow",
        Path.of("functions", "mlflow", "target", "mlflow.jar").toAbsolutePath(),
        "dev.snapslice.mlflow.MlflowHandler",
        environment,
        Duration.ofSeconds(29),
        1769);
  }

  /** An event of API Gateway that posts a message to an operation. */
  static byte[] event(String path, Object message) {
    return Json.write(
            Map.of(
                "rawPath", "/api/2.0/mlflow/" + path,
                "headers", Map.of("content-type", "application/json"),
                "body", Json.write(message),
                "requestContext",
                    Map.of(
                        "http", Map.of("method", "POST"),
                        "authorizer", Map.of("lambda", context()))))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Packs the runs that have ended, as is done when they have been left alone for a while. */
  int pack() {
    InstantSource later = () -> Instant.now().plus(Duration.ofHours(1));
    TrackingTable table = new TrackingTable(dynamo, TABLE);
    Experiments experiments = new Experiments(table, ROOT, later, new Random());
    Runs runs = new Runs(table, experiments, later, new Random());
    return new RunPacker(table, experiments, runs, later).pack(Deadline.NONE);
  }

  @Override
  public void close() {
    front.close();
    dynamo.close();
  }
}
