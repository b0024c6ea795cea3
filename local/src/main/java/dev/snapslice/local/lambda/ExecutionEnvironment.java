package dev.snapslice.local.lambda;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One process that runs a function, and the Runtime API that it asks for events. It handles one
 * event at a time; a time-out ends it, as Lambda does.
 */
final class ExecutionEnvironment implements AutoCloseable {
  private static final String API = "/2018-06-01/runtime/";
  private static final String RUNTIME =
      "com.amazonaws.services.lambda.runtime.api.client.AWSLambda";
  private static final Pattern RUNTIME_JARS =
      Pattern.compile(
          "(aws-lambda-java-(runtime-interface-client|core|serialization)|utils-lite)-[0-9.]+\\.jar");
  // What the process gets of our own environment: the rest is the function's, as in Lambda.
  private static final List<String> INHERITED = List.of("PATH", "HOME", "TMPDIR", "LANG", "TZ");

  /** The function's own time-out begins when it has started, as in Lambda. */
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

  /**
   * Of an answer, in bytes: 100 more than of an event.
   *
   * @see <a
   *     href="https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html">Quotas</a>
   */
  private static final int LARGEST_ANSWER = 6 * 1024 * 1024 + 100;

  private final FunctionSpec spec;
  private final HttpServer api;
  private final BlockingQueue<Invocation> next = new LinkedBlockingQueue<>();
  private final CompletableFuture<byte[]> died = new CompletableFuture<>();
  private volatile Invocation current = new Invocation(new byte[0], Duration.ZERO);
  private volatile Process process;

  private ExecutionEnvironment(FunctionSpec spec) throws IOException {
    this.spec = spec;
    this.api = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    api.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    api.createContext(API, this::answer);
    api.start();
  }

  static ExecutionEnvironment start(FunctionSpec spec, Path log) throws IOException {
    var environment = new ExecutionEnvironment(spec);
    environment.process = environment.launch(log);
    var _ =
        environment
            .process
            .onExit()
            .thenAccept(ended ->
                environment.died.completeExceptionally(
                    new InvocationException(
                        "%s ended with exit code %d; its log is %s"
                            .formatted(spec.name(), ended.exitValue(), log))));
    return environment;
  }

  byte[] invoke(byte[] event, Duration timeout) throws InvocationException {
    var invocation = new Invocation(event, timeout);
    current = invocation;
    next.add(invocation);
    await(CompletableFuture.anyOf(invocation.taken, invocation.answer, died), START_TIMEOUT);
    return (byte[]) await(CompletableFuture.anyOf(invocation.answer, died), timeout);
  }

  private Object await(CompletableFuture<Object> outcome, Duration timeout)
      throws InvocationException {
    try {
      return outcome.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof InvocationException failed
          ? new InvocationException(failed.getMessage(), failed)
          : new InvocationException(spec.name() + " failed", e);
    } catch (TimeoutException e) {
      // Gone before anybody asks whether it may take another event.
      process.destroyForcibly().onExit().join();
      throw new InvocationException(
          "%s timed out after %d s".formatted(spec.name(), timeout.toSeconds()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InvocationException(spec.name() + " was interrupted", e);
    }
  }

  boolean isAlive() {
    return process.isAlive() && !died.isDone();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    api.stop(0);
  }

  private Process launch(Path log) throws IOException {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(
                entry -> RUNTIME_JARS.matcher(Path.of(entry).getFileName().toString()).matches())
            .collect(Collectors.joining(File.pathSeparator));
    // Heap and collector as Lambda's own runtime chooses them; client compiler only, likewise.
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx%dm".formatted(spec.memoryMib() * 17 / 20),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "--enable-native-access=ALL-UNNAMED",
            NativeRuntime.OPTION,
            "-cp",
            spec.code() + File.pathSeparator + classPath,
            RUNTIME,
            spec.handler());
    var variables = builder.environment();
    variables.keySet().retainAll(INHERITED);
    variables.putAll(spec.environment());
    variables.put("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:" + api.getAddress().getPort());
    variables.put("AWS_LAMBDA_FUNCTION_NAME", spec.name());
    variables.put("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST");
    variables.put("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", Integer.toString(spec.memoryMib()));
    variables.put("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
    variables.put("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/" + spec.name());
    variables.put("AWS_LAMBDA_LOG_STREAM_NAME", "local");
    variables.put("AWS_XRAY_CONTEXT_MISSING", "IGNORE_ERROR");
    variables.put("LAMBDA_TASK_ROOT", spec.code().getParent().toString());
    variables.put("_HANDLER", spec.handler());
    Files.createDirectories(log.toAbsolutePath().getParent());
    return builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String[] path = exchange.getRequestURI().getPath().substring(API.length()).split("/", -1);
      byte[] body = exchange.getRequestBody().readAllBytes();
      switch (path[path.length - 1]) {
        case "next" -> sendNext(exchange);
        case "response" -> take(exchange, body);
        case "error" -> {
          accept(exchange);
          String reason = new String(body, StandardCharsets.UTF_8);
          current.answer.completeExceptionally(new InvocationException(reason));
        }
        default -> exchange.sendResponseHeaders(404, -1);
      }
    }
  }

  private void take(HttpExchange exchange, byte[] answer) throws IOException {
    if (answer.length <= LARGEST_ANSWER) {
      accept(exchange);
      current.answer.complete(answer);
      return;
    }
    String reason = "Response payload size exceeded maximum allowed payload size (6291556 bytes).";
    died.completeExceptionally(new InvocationException(reason));
    exchange.sendResponseHeaders(413, -1); // that ends the runtime
  }

  private void sendNext(HttpExchange exchange) throws IOException {
    try {
      Invocation invocation = next.take();
      invocation.taken.complete(invocation);
      var headers = exchange.getResponseHeaders();
      headers.set("Content-Type", "application/json");
      headers.set("Lambda-Runtime-Aws-Request-Id", invocation.id);
      headers.set(
          "Lambda-Runtime-Deadline-Ms",
          Long.toString(Instant.now().plus(invocation.timeout).toEpochMilli()));
      headers.set(
          "Lambda-Runtime-Invoked-Function-Arn",
          "arn:aws:lambda:local:000000000000:function:" + spec.name());
      exchange.sendResponseHeaders(200, invocation.event.length);
      exchange.getResponseBody().write(invocation.event);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void accept(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(202, -1);
  }

  /** One event on its way: taken by the process, then answered. */
  private static final class Invocation {
    final String id = UUID.randomUUID().toString();
    final CompletableFuture<byte[]> answer = new CompletableFuture<>();
    final CompletableFuture<Invocation> taken = new CompletableFuture<>();
    final byte[] event;
    final Duration timeout;

    Invocation(byte[] event, Duration timeout) {
      this.event = event;
      this.timeout = timeout;
    }
  }
}
