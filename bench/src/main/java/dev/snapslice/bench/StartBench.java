package dev.snapslice.bench;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * How long the proxy takes from the start of its process to its first answers, packed as its image
 * is: a run-time of the Java modules that it uses, and a cache of what it loads.
 */
final class StartBench implements Benchmark {
  private static final int ROUNDS = 7;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Path IMAGE = Path.of(".snapslice", "bench-image").toAbsolutePath();
  private static final Path JAVA = IMAGE.resolve("java");
  private static final Path APP = IMAGE.resolve("app");
  private static final String BUCKET = "start";
  private static final String KEY = "first.bin";

  @Override
  public void run(Report report) throws Exception {
    report.progress("packing the proxy into " + IMAGE);
    pack();
    try (ReadStack stack = ReadStack.start(report)) {
      String view = write(stack);
      double[] healthy = new double[ROUNDS];
      double[] object = new double[ROUNDS];
      for (int i = 0; i < ROUNDS; i++) {
        URI proxy = URI.create("http://localhost:" + Minio.freePort());
        URI url = stack.presigned(proxy, view, KEY);
        long start = System.nanoTime();
        Process process = stack.proxy(proxy.getPort(), command());
        try {
          healthy[i] = answered(proxy.resolve("/health"), start);
          object[i] = answered(url, start);
        } finally {
          process.destroyForcibly().waitFor();
        }
        report.progress(
            "the first answer after %.0f ms, an object after %.0f"
                .formatted(healthy[i], object[i]));
      }
      String note = "process start to the first answered request, median of " + ROUNDS;
      report.figure("start_ms", ProxyBench.median(healthy), "ms", "<= 1000", note);
      report.figure("start_object_ms", ProxyBench.median(object), "ms", "", "to a first object");
    }
  }

  /** As in the image's Dockerfile. */
  private static List<String> command() {
    return List.of(
        JAVA.resolve("bin/java").toString(),
        "-XX:AOTCache=" + APP.resolve("proxy.aot"),
        "-XX:+UseSerialGC",
        "-XX:-UsePerfData",
        "-jar",
        APP.resolve("proxy.jar").toString());
  }

  private static void pack() throws IOException, InterruptedException {
    if (Files.exists(IMAGE)) {
      try (Stream<Path> files = Files.walk(IMAGE)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    Files.createDirectories(APP.resolve("lib"));
    Path target = Path.of("proxy", "target");
    try (Stream<Path> jars = Files.list(target.resolve("lib"))) {
      for (Path jar : jars.toList()) {
        Files.copy(jar, APP.resolve("lib").resolve(jar.getFileName()));
      }
    }
    try (Stream<Path> jars = Files.list(target)) {
      Path jar =
          jars.filter(file -> file.getFileName().toString().matches("proxy-.*\\.jar"))
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("there is no jar in " + target));
      Files.copy(jar, APP.resolve("proxy.jar"));
    }
    ProcessBuilder pack = new ProcessBuilder("proxy/pack", JAVA.toString(), APP.toString());
    pack.environment().put("JAVA_HOME", System.getProperty("java.home"));
    pack.environment().put("PACK_PORT", Integer.toString(Minio.freePort()));
    Path log = IMAGE.resolve("pack.log");
    if (pack.redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor() != 0) {
      throw new IOException("the proxy was not packed: see " + log);
    }
  }

  /** One object, and a view of it. */
  private static String write(ReadStack stack) throws InterruptedException {
    try (S3Client s3 = stack.minio().s3()) {
      Minio.create(s3, BUCKET);
      var put = s3.putObject(r -> r.bucket(BUCKET).key(KEY), RequestBody.fromString("first"));
      Instant now = Instant.now();
      stack.index(
          BUCKET,
          List.of(ReadStack.listed(KEY, put.versionId(), put.eTag(), 5, now.minusSeconds(60)))
              .iterator());
      return ReadStack.view(BUCKET, now);
    }
  }

  /** Milliseconds from a start to the first good answer of a server that is not there yet. */
  private static double answered(URI url, long start) throws Exception {
    byte[] request = HttpLoad.request(url);
    while (true) {
      try (HttpLoad.Connection connection = new HttpLoad.Connection(url)) {
        connection.get(request);
        return (System.nanoTime() - start) / 1e6;
      } catch (ConnectException e) {
        if (System.nanoTime() - start > PATIENCE.toNanos()) {
          throw e;
        }
        Thread.sleep(2);
      }
    }
  }
}
