package dev.snapslice.bench;

import dev.snapslice.core.json.Json;
import dev.snapslice.local.Deployment;
import dev.snapslice.local.lambda.FunctionSpec;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** The stack of {@code ./snapslice up}, in a process, a folder and on ports of its own. */
final class DeployedStack implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final Process process;
  private final Where where;
  private final Deployment deployment;

  /** What the stack says of itself in {@code stack.json}. */
  private record Where(String aws, String dynamodb, String region, URI proxy) {}

  private DeployedStack(Process process, Where where, Deployment deployment) {
    this.process = process;
    this.where = where;
    this.deployment = deployment;
  }

  /** Deploys everything into a state folder, which is emptied first. */
  static DeployedStack start(Path state) throws IOException, InterruptedException {
    Files.createDirectories(state);
    Path ready = state.resolve("stack.json");
    Files.deleteIfExists(ready);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.snapslice.local.LocalStack",
                "--state",
                state.toString(),
                "--aws-port",
                freePort(),
                "--dynamodb-port",
                freePort(),
                "--api-port",
                freePort(),
                "--proxy-port",
                freePort(),
                "--tick-seconds",
                "3600")
            .redirectErrorStream(true)
            .redirectOutput(state.resolveSibling(state.getFileName() + ".log").toFile())
            .start();
    Instant end = Instant.now().plus(PATIENCE);
    while (!Files.exists(ready)) {
      if (!process.isAlive() || Instant.now().isAfter(end)) {
        process.destroy();
        throw new IllegalStateException("the stack did not start: see " + state + ".log");
      }
      Thread.sleep(200);
    }
    return new DeployedStack(
        process,
        Json.read(Files.readString(ready), Where.class),
        Deployment.read(state.resolve("deployment.json")));
  }

  private static String freePort() {
    return Integer.toString(Minio.freePort());
  }

  /** The functions with their deployed jars, environment and memory. */
  List<FunctionSpec> functions() {
    return deployment.functions().stream()
        .map(function -> function.spec(where.aws(), where.dynamodb()))
        .toList();
  }

  String indexTable() {
    return output("IndexTable");
  }

  /** An output of the stacks. */
  String output(String name) {
    return deployment.outputs().get(name);
  }

  URI proxy() {
    return where.proxy();
  }

  /** The read proxy, which the stack runs beside itself. */
  ProcessHandle proxyProcess() {
    return process
        .descendants()
        .filter(DeployedStack::isProxy)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the stack has no proxy"));
  }

  /** {@link ProcessHandle#info} cuts long command lines. */
  private static boolean isProxy(ProcessHandle child) {
    try {
      String command = Files.readString(Path.of("/proc/" + child.pid() + "/cmdline"));
      return command.strip().replace("\0", "").endsWith("dev.snapslice.proxy.Proxy");
    } catch (IOException e) {
      return false;
    }
  }

  DynamoDbClient dynamo() {
    return client(DynamoDbClient.builder(), where.dynamodb());
  }

  /** A client of the local AWS. */
  <C, B extends AwsClientBuilder<B, C>> C client(B builder) {
    return client(builder, where.aws());
  }

  private <C, B extends AwsClientBuilder<B, C>> C client(B builder, String endpoint) {
    return builder
        .endpointOverride(URI.create(endpoint))
        .region(Region.of(where.region()))
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
        .build();
  }

  @Override
  public void close() {
    process.destroy();
  }
}
