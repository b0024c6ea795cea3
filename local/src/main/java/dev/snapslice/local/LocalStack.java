package dev.snapslice.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.local.http.Distribution;
import dev.snapslice.local.http.HttpApi;
import dev.snapslice.local.http.UiFiles;
import dev.snapslice.local.http.Upstream;
import dev.snapslice.local.lambda.InvocationException;
import dev.snapslice.local.lambda.LocalFunction;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Everything on one machine: a local AWS (moto, with faithful S3 events), DynamoDB Local, our
 * stacks deployed into them by the real {@code cdk deploy}, and the deployed functions, run as
 * Lambda, API Gateway and the scheduler would. Started and stopped by {@code ./snapslice up} and
 * {@code down}; keeps nothing of an earlier run, as the objects of the local S3 live in memory.
 */
public final class LocalStack {
  private static final Logger log = LoggerFactory.getLogger(LocalStack.class);
  private static final int CONCURRENCY = 4;
  private static final int PUMPS_PER_QUEUE = 2;
  private static final ObjectMapper json = new ObjectMapper();

  private final Options options;
  private final Deque<AutoCloseable> running = new ArrayDeque<>();

  private LocalStack(Options options) {
    this.options = options;
  }

  /** Starts the stack, writes {@code stack.json} into its state folder, and stays until stopped. */
  public static void main(String[] arguments) throws Exception {
    LocalStack stack;
    try {
      Options options = Options.parse(arguments);
      options.checkPorts();
      stack = new LocalStack(options);
    } catch (IllegalArgumentException e) {
      System.out.println(e.getMessage());
      System.exit(2);
      return;
    }
    var stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> {
              stack.stop();
              stopped.countDown();
            }));
    try {
      stack.start();
    } catch (Exception e) {
      log.error("the stack did not start", e);
      System.exit(1);
    }
    stopped.await();
  }

  private void start() throws Exception {
    Path state = options.state().toAbsolutePath();
    clear(state);
    progress("S3, SQS, Lambda, CloudFormation … on port " + options.awsPort());
    Process server =
        python(
            state.resolve("aws.log"), "snapslice_local.aws_server", "-p", "" + options.awsPort());
    String aws = "http://localhost:" + options.awsPort();
    await(server, options.awsPort(), state.resolve("aws.log"));
    progress("DynamoDB on port " + options.dynamoDbPort());
    running.push(LocalDynamoDb.start(options.dynamoDbPort(), state.resolve("dynamodb")));
    String dynamoDb = "http://localhost:" + options.dynamoDbPort();
    progress("cdk deploy (the log is " + state.resolve("deploy.log") + ")");
    Process deploy =
        python(
            state.resolve("deploy.log"),
            "snapslice_local.deployment",
            "--endpoint",
            aws,
            "--dynamodb",
            dynamoDb,
            "--app",
            options.root().resolve("infra-cdk").toString(),
            "--folder",
            state.toString(),
            "--default-permission",
            options.defaultPermission(),
            "--mlflow-url",
            "http://localhost:" + options.mlflowPort(),
            "--sign-in-issuer",
            options.signInIssuer());
    if (deploy.waitFor() != 0) {
      throw new IllegalStateException("cdk deploy failed: see " + state.resolve("deploy.log"));
    }
    Deployment deployment = Deployment.read(state.resolve("deployment.json"));
    Map<String, LocalFunction> functions = functions(deployment, aws, dynamoDb);
    pump(deployment, functions, aws);
    for (String scheduled : deployment.scheduled()) {
      repeat("schedule", () -> tick(functions.get(scheduled)));
    }
    Map<String, String> apis = serve(deployment, functions);
    progress("read proxy on port " + options.proxyPort());
    Path proxyLog = state.resolve("proxy.log");
    await(proxy(deployment, aws, dynamoDb, proxyLog), options.proxyPort(), proxyLog);
    announce(state, aws, dynamoDb, apis, deployment);
  }

  /** Everything in the state folder is of an earlier run, whose objects are gone. */
  private static void clear(Path state) throws IOException {
    if (Files.isDirectory(state)) {
      try (var files = Files.walk(state)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    Files.createDirectories(state);
  }

  private Map<String, LocalFunction> functions(Deployment deployment, String aws, String dynamoDb) {
    var functions = new LinkedHashMap<String, LocalFunction>();
    for (Deployment.Function function : deployment.functions()) {
      Path output = options.state().resolve("functions").resolve(function.name() + ".log");
      var runnable = new LocalFunction(function.spec(aws, dynamoDb), CONCURRENCY, output);
      functions.put(function.name(), runnable);
      running.push(runnable);
    }
    return functions;
  }

  private void pump(Deployment deployment, Map<String, LocalFunction> functions, String aws) {
    SqsClient sqs =
        SqsClient.builder()
            .endpointOverride(URI.create(aws))
            .region(Region.of(Deployment.REGION))
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
            .build();
    running.push(sqs);
    for (Deployment.QueueSource source : deployment.queues()) {
      for (int i = 0; i < PUMPS_PER_QUEUE; i++) {
        Thread pump =
            Thread.ofVirtual()
                .name("pump-" + source.function())
                .start(new QueuePump(sqs, source, functions.get(source.function())));
        running.push(pump::interrupt);
      }
    }
  }

  private void tick(LocalFunction function) {
    ObjectNode event = json.createObjectNode();
    event.put("version", "0");
    event.put("id", UUID.randomUUID().toString());
    event.put("detail-type", "Scheduled Event");
    event.put("source", "aws.events");
    event.put("account", "123456789012");
    event.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    event.put("region", Deployment.REGION);
    event.putArray("resources").add("arn:aws:events:us-east-1:123456789012:rule/local");
    event.putObject("detail");
    try {
      function.invoke(json.writeValueAsBytes(event));
    } catch (InvocationException | IOException e) {
      log.warn("the scheduled {} failed: {}", function.spec().name(), e.getMessage());
    }
  }

  private void repeat(String name, Runnable task) {
    Thread thread =
        Thread.ofVirtual()
            .name(name)
            .start(() -> {
              try {
                while (true) {
                  Thread.sleep(options.tick());
                  task.run();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    running.push(thread::interrupt);
  }

  /** Of each kind of API one port for the one with tokens, the next for that with signatures. */
  private Map<String, String> serve(Deployment deployment, Map<String, LocalFunction> functions)
      throws IOException {
    var urls = new LinkedHashMap<String, String>();
    for (Deployment.Api api : deployment.apis()) {
      int first = api.mlflow() ? options.mlflowPort() : options.apiPort();
      int port = first + (api.signed() ? 1 : 0);
      running.push(
          HttpApi.start(
              port,
              api.routes(),
              functions,
              api.mlflow() && !api.signed() ? Optional.of(distribution()) : Optional.empty()));
      String way = api.signed() ? "signed" : "tokens";
      urls.put(api.mlflow() ? "mlflow-" + way : way, "http://localhost:" + port);
    }
    return urls;
  }

  /** The proxy takes and sends artifacts, which no function can. */
  private Distribution distribution() {
    Upstream artifacts =
        new Upstream(
            URI.create("http://localhost:" + options.proxyPort()),
            Pattern.compile("/(ajax-)?api/2\\.0/mlflow-artifacts/artifacts/.*"));
    UiFiles ui =
        new UiFiles(
            options.root().resolve(".snapslice/mlflow-ui"), !options.signInIssuer().isEmpty());
    return new Distribution(artifacts, ui);
  }

  /** The proxy as a process of its own, told what the fleet's container is told. */
  private Process proxy(Deployment deployment, String aws, String dynamoDb, Path output)
      throws IOException {
    Path target = options.root().resolve("proxy/target");
    String classPath =
        target.resolve("classes")
            + File.pathSeparator
            + Files.readString(target.resolve("classpath.txt")).strip();
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-cp",
            classPath,
            "dev.snapslice.proxy.Proxy");
    builder.environment().putAll(Deployment.beside(deployment.proxy(), aws, dynamoDb));
    builder.environment().put("SNAPSLICE_PROXY_ADDRESS", "127.0.0.1");
    builder.environment().put("SNAPSLICE_PROXY_PORT", "" + options.proxyPort());
    builder.environment().put("SNAPSLICE_PROXY_DOMAIN", Deployment.PROXY_DOMAIN);
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    running.push(process::destroy);
    return process;
  }

  private void announce(
      Path state, String aws, String dynamoDb, Map<String, String> apis, Deployment deployment)
      throws IOException {
    ObjectNode stack = json.createObjectNode();
    stack.put("aws", aws).put("dynamodb", dynamoDb).put("region", Deployment.REGION);
    stack.put("proxy", "http://localhost:" + options.proxyPort());
    stack.set("apis", json.valueToTree(apis));
    stack.set("outputs", json.valueToTree(deployment.outputs()));
    Path written = state.resolve("stack.json.part");
    json.writerWithDefaultPrettyPrinter().writeValue(written.toFile(), stack);
    Files.move(written, state.resolve("stack.json"), StandardCopyOption.ATOMIC_MOVE);
    progress("ready");
  }

  private Process python(Path output, String... moduleAndArguments) throws IOException {
    var command = new ArrayList<>(List.of("python", "-m"));
    command.addAll(List.of(moduleAndArguments));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PYTHONPATH", options.root().resolve("local/python").toString());
    Process process = builder.redirectOutput(output.toFile()).start();
    running.push(process::destroy);
    return process;
  }

  private static void await(Process server, int port, Path output) throws InterruptedException {
    while (true) {
      try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return;
      } catch (IOException e) {
        if (!server.isAlive()) {
          throw new IllegalStateException(
              "the server of port " + port + " ended: see " + output, e);
        }
        Thread.sleep(100);
      }
    }
  }

  private void stop() {
    while (!running.isEmpty()) {
      try {
        running.pop().close();
      } catch (Exception e) {
        log.warn("while stopping: {}", e.toString());
      }
    }
  }

  private static void progress(String message) {
    System.out.println("==> " + message);
  }
}
