package dev.snapslice.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.version.VersionEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * What Hadoop's file system takes over the proxy: a list of a large directory, and Spark reading
 * many Parquet files, beside the same from the origin itself over S3A.
 */
final class WebHdfsBench implements Benchmark {
  private static final String BUCKET = "warehouse";
  private static final String DIRECTORY = "table";
  private static final int FILES = 1_000;
  private static final int LISTS = 200;
  private static final Path PYTHON = Path.of(".snapslice", "venv", "bin", "python");
  private static final Path PARQUET = Path.of(".snapslice", "bench-parquet").toAbsolutePath();

  @Override
  public void run(Report report) throws Exception {
    try (ReadStack stack = ReadStack.start(report)) {
      report.progress("writing %,d Parquet files".formatted(FILES));
      Instant moment = write(stack);
      report.part("liststatus", () -> list(report, stack, moment));
      report.part("spark", () -> spark(report, stack, ReadStack.view(BUCKET, moment)));
    }
  }

  /** The same Parquet file under many keys, and a moment that shows them. */
  private static Instant write(ReadStack stack) throws IOException, InterruptedException {
    Path file = parquet();
    try (S3Client s3 = stack.minio().s3()) {
      Minio.create(s3, BUCKET);
      List<VersionEvent> events = new ArrayList<>();
      for (int i = 0; i < FILES; i++) {
        String key = DIRECTORY + "/part-%05d.parquet".formatted(i);
        var put = s3.putObject(r -> r.bucket(BUCKET).key(key), RequestBody.fromFile(file));
        events.add(
            ReadStack.listed(
                key,
                put.versionId(),
                put.eTag(),
                Files.size(file),
                Instant.now().minusSeconds(60)));
      }
      stack.index(BUCKET, events.iterator());
      return Instant.now().minusSeconds(10);
    }
  }

  private static Path parquet() throws IOException, InterruptedException {
    if (Files.notExists(PARQUET)) {
      spark(Map.of(), "", "--write", PARQUET.toString());
    }
    try (Stream<Path> files = Files.list(PARQUET)) {
      return files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
  }

  private static void list(Report report, ReadStack stack, Instant moment) throws IOException {
    millis(stack, round -> moment);
    double again = millis(stack, round -> moment);
    double first = millis(stack, round -> moment.plusMillis(round + 1));
    String note = "%,d files, one client, ".formatted(FILES);
    report.figure("liststatus_ms_p50", again, "ms", "<= 20", note + "the same again");
    report.figure("liststatus_first_ms_p50", first, "ms", "", note + "at a moment of its own");
  }

  private static double millis(ReadStack stack, IntFunction<Instant> moments) throws IOException {
    double[] millis = new double[LISTS];
    try (HttpLoad.Connection connection = new HttpLoad.Connection(stack.proxy())) {
      for (int i = 0; i < LISTS; i++) {
        String view = ReadStack.view(BUCKET, moments.apply(i));
        URI url =
            stack
                .proxy()
                .resolve(
                    "/webhdfs/v1/%s/%s?op=LISTSTATUS&user.name=%s"
                        .formatted(view, DIRECTORY, stack.token()));
        millis[i] = connection.get(HttpLoad.request(url)).nanos() / 1e6;
      }
    }
    return ProxyBench.median(millis);
  }

  private static void spark(Report report, ReadStack stack, String view) throws Exception {
    Map<String, String> settings =
        Map.ofEntries(
            Map.entry("fs.s3a.path.style.access", "true"),
            Map.entry("fs.s3a.endpoint.region", "us-east-1"),
            Map.entry("fs.s3a.endpoint", stack.minio().url().toString()),
            Map.entry("fs.s3a.access.key", Minio.CREDENTIALS.accessKeyId()),
            Map.entry("fs.s3a.secret.key", Minio.CREDENTIALS.secretAccessKey()),
            Map.entry(own(view, "endpoint"), stack.proxy().toString()),
            Map.entry(own(view, "access.key"), stack.reader().accessKeyId()),
            Map.entry(own(view, "secret.key"), stack.reader().secretAccessKey()),
            Map.entry(
                own(view, "s3.client.factory.impl"), "dev.snapslice.s3a.SnapsliceS3ClientFactory"));
    Map<String, String> urls =
        Map.of(
            "direct", "s3a://%s/%s".formatted(BUCKET, DIRECTORY),
            "streamed",
                "webhdfs://%s/%s/%s".formatted(stack.proxy().getAuthority(), view, DIRECTORY),
            "jar", "s3a://%s/%s".formatted(view, DIRECTORY));
    String asked = Json.write(Map.of("settings", settings, "urls", urls));
    JsonNode seconds =
        Json.MAPPER.readTree(spark(Map.of("HADOOP_USER_NAME", stack.token()), asked));
    String note = "Spark reads %,d Parquet files, against S3A from the origin".formatted(FILES);
    report.figure(
        "spark_read_ratio", ratio(seconds, "streamed"), "ratio", "<= 1.5", note + "; WebHDFS");
    report.figure(
        "spark_jar_ratio", ratio(seconds, "jar"), "ratio", "", note + "; S3A with our jar");
  }

  /** What the program that drives Spark prints. */
  private static String spark(Map<String, String> environment, String input, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of(PYTHON.toString(), "-m", "snapslice_local.spark_reads"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("PYTHONPATH", "local/python");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (OutputStream in = process.getOutputStream();
        InputStream out = process.getInputStream()) {
      in.write(input.getBytes(UTF_8));
      in.close();
      String printed = new String(out.readAllBytes(), UTF_8);
      if (process.waitFor() != 0) {
        throw new IOException("Spark failed: its own words are above");
      }
      return printed;
    }
  }

  private static String own(String bucket, String setting) {
    return "fs.s3a.bucket." + bucket + "." + setting;
  }

  private static double ratio(JsonNode seconds, String way) {
    JsonNode direct = seconds.path("direct");
    return ProxyBench.median(
        IntStream.range(0, direct.size())
            .mapToDouble(i -> seconds.path(way).path(i).asDouble() / direct.path(i).asDouble())
            .toArray());
  }
}
