package dev.snapslice.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.snapslice.core.version.VersionEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * What reading through the proxy costs, beside reading from its origin itself, a MinIO on the same
 * machine, in turn: presigned GETs of small objects, one large object, the time to the first byte,
 * and the proxy's memory under many downloads.
 */
final class ProxyBench implements Benchmark {
  private static final String BUCKET = "reads";
  private static final String LARGE = "large.bin";
  private static final String DOWNLOAD = "download.bin";
  private static final int SMALL = 1_000;
  private static final int SMALL_BYTES = 4 * 1024;
  private static final int CONNECTIONS = 32;
  private static final int DOWNLOADS = 500;
  private static final int PART = 64 << 20;
  private static final int ROUNDS = 5;
  private static final int LONGEST_WARM_UP = 15;
  private static final double SECONDS = 6;
  private static final Pattern USED = Pattern.compile("used (\\d+)K");

  @Override
  public void run(Report report) throws Exception {
    try (ReadStack stack = ReadStack.start(report)) {
      report.progress("writing %,d objects of 4 KiB, one of 64 MiB, one of 1 GiB".formatted(SMALL));
      Instant moment = write(stack);
      Urls urls = new Urls(stack, moment);
      report.part("small", () -> small(report, urls));
      report.part("ttfb", () -> firstByte(report, urls));
      report.part("large", () -> large(report, urls));
      report.part("memory", () -> memory(report, stack, urls));
    }
  }

  /** URLs of the same keys at the proxy and at its origin. */
  private record Urls(ReadStack stack, Instant moment) {

    List<URI> small(boolean direct) {
      return IntStream.range(0, SMALL)
          .mapToObj(ProxyBench::smallKey)
          .map(key -> of(direct, key))
          .toList();
    }

    URI of(boolean direct, String key) {
      return direct
          ? stack.minio().presigned(BUCKET, key)
          : stack.presigned(stack.proxy(), ReadStack.view(BUCKET, moment), key);
    }
  }

  private static String smallKey(int number) {
    return "small/%05d.bin".formatted(number);
  }

  private static Instant write(ReadStack stack) throws InterruptedException {
    List<VersionEvent> events = new ArrayList<>();
    Instant past = Instant.now().minusSeconds(60);
    try (S3Client s3 = stack.minio().s3()) {
      Minio.create(s3, BUCKET);
      events.add(parts(s3, DOWNLOAD, 1, past));
      events.add(parts(s3, LARGE, 16, past));
      for (int i = 0; i < SMALL; i++) {
        String key = smallKey(i);
        var put =
            s3.putObject(
                r -> r.bucket(BUCKET).key(key), RequestBody.fromBytes(new byte[SMALL_BYTES]));
        events.add(ReadStack.listed(key, put.versionId(), put.eTag(), SMALL_BYTES, past));
      }
    }
    Instant moment = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    stack.index(BUCKET, events.iterator());
    return moment;
  }

  private static VersionEvent parts(S3Client s3, String key, int parts, Instant past) {
    String upload = s3.createMultipartUpload(r -> r.bucket(BUCKET).key(key)).uploadId();
    List<CompletedPart> done = new ArrayList<>();
    for (int i = 1; i <= parts; i++) {
      int number = i;
      String etag =
          s3.uploadPart(
                  r -> r.bucket(BUCKET).key(key).uploadId(upload).partNumber(number),
                  RequestBody.fromBytes(new byte[PART]))
              .eTag();
      done.add(CompletedPart.builder().partNumber(number).eTag(etag).build());
    }
    var completed =
        s3.completeMultipartUpload(
            r -> r.bucket(BUCKET).key(key).uploadId(upload).multipartUpload(u -> u.parts(done)));
    long size = (long) parts * PART;
    return ReadStack.listed(key, completed.versionId(), completed.eTag(), size, past);
  }

  private static void small(Report report, Urls urls) throws Exception {
    List<URI> direct = urls.small(true);
    List<URI> proxied = urls.small(false);
    HttpLoad.perSecond(direct, CONNECTIONS, SECONDS);
    warmUp(report, proxied);
    double[] ratios = new double[ROUNDS];
    double[] rates = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      double origin = HttpLoad.perSecond(direct, CONNECTIONS, SECONDS);
      rates[i] = HttpLoad.perSecond(proxied, CONNECTIONS, SECONDS);
      ratios[i] = rates[i] / origin;
      report.progress("%,.0f/s direct, %,.0f/s through the proxy".formatted(origin, rates[i]));
    }
    report.figure(
        "small_get_ratio", median(ratios), "ratio", ">= 0.6", "4 KiB, presigned, 32 connections");
    report.figure("small_get_per_s", median(rates), "1/s", "", "through the proxy");
  }

  /** Until it gets no faster: the compiler has to share two cores with what it is measured by. */
  private static void warmUp(Report report, List<URI> urls) throws Exception {
    double before = 0;
    double now = HttpLoad.perSecond(urls, CONNECTIONS, SECONDS);
    for (int i = 0; i < LONGEST_WARM_UP && now > before * 1.05; i++) {
      before = now;
      now = HttpLoad.perSecond(urls, CONNECTIONS, 2 * SECONDS);
      report.progress("warming up: %,.0f/s".formatted(now));
    }
  }

  private static void firstByte(Report report, Urls urls) throws IOException {
    List<URI> direct = urls.small(true);
    List<URI> proxied = urls.small(false);
    HttpLoad.firstByteMillis(direct);
    HttpLoad.firstByteMillis(proxied);
    double[] half = new double[ROUNDS];
    double[] tail = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      double[] origin = HttpLoad.firstByteMillis(direct);
      double[] through = HttpLoad.firstByteMillis(proxied);
      half[i] = through[SMALL / 2] - origin[SMALL / 2];
      tail[i] = through[SMALL * 99 / 100] - origin[SMALL * 99 / 100];
    }
    report.figure("ttfb_added_ms_p50", median(half), "ms", "<= 0.5", "version cached");
    report.figure("ttfb_added_ms_p99", median(tail), "ms", "<= 3", "version cached");
    Urls other = new Urls(urls.stack(), urls.moment().plusMillis(1));
    double[] uncached = HttpLoad.firstByteMillis(other.small(false));
    double[] origin = HttpLoad.firstByteMillis(direct);
    String note = "a moment that nobody asked for: one index query each";
    report.figure(
        "ttfb_uncached_added_ms_p50", uncached[SMALL / 2] - origin[SMALL / 2], "ms", "", note);
  }

  private static void large(Report report, Urls urls) throws Exception {
    URI direct = urls.of(true, LARGE);
    URI proxied = urls.of(false, LARGE);
    gibibyte(direct);
    gibibyte(proxied);
    double[] ratios = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      double origin = gibibyte(direct);
      double through = gibibyte(proxied);
      ratios[i] = through / origin;
      report.progress(
          "%,.0f MiB/s direct, %,.0f MiB/s through the proxy".formatted(origin, through));
    }
    report.figure("large_get_ratio", median(ratios), "ratio", ">= 0.92", "one GET of 1 GiB");
  }

  /** Megabytes a second. */
  private static double gibibyte(URI url) throws IOException {
    try (HttpLoad.Connection connection = new HttpLoad.Connection(url)) {
      HttpLoad.Took took = connection.get(HttpLoad.request(url));
      return took.bytes() / 1048576.0 / (took.nanos() / 1e9);
    }
  }

  private static void memory(Report report, ReadStack stack, Urls urls) throws Exception {
    URI url = urls.of(false, DOWNLOAD);
    byte[] request = HttpLoad.request(url);
    ProcessHandle proxy = stack.proxyProcess();
    AtomicBoolean done = new AtomicBoolean();
    double[] most = new double[2];
    Thread watch =
        Thread.ofPlatform()
            .start(() -> {
              while (!done.get()) {
                most[0] = Math.max(most[0], heapMebibytes(proxy));
                most[1] = Math.max(most[1], residentMebibytes(proxy));
              }
            });
    HttpLoad.all(
        DOWNLOADS,
        number -> {
          try (HttpLoad.Connection connection = new HttpLoad.Connection(url)) {
            connection.get(request);
          }
          return null;
        });
    done.set(true);
    watch.join();
    String note = DOWNLOADS + " downloads of 64 MiB at once";
    report.figure("heap_mib_500", most[0], "MiB", "<= 256", note + "; used, garbage included");
    report.figure("rss_mib_500", most[1], "MiB", "<= 512", note);
  }

  private static double heapMebibytes(ProcessHandle process) {
    try {
      Process jcmd =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                  Long.toString(process.pid()),
                  "GC.heap_info")
              .start();
      try (InputStream output = jcmd.getInputStream()) {
        // The heap's own line comes first, that of classes last.
        Matcher used = USED.matcher(new String(output.readAllBytes(), UTF_8));
        return used.find() ? Long.parseLong(used.group(1)) / 1024.0 : 0;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double residentMebibytes(ProcessHandle process) {
    try {
      return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
              .filter(line -> line.startsWith("VmRSS:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
              .sum()
          / 1024.0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
