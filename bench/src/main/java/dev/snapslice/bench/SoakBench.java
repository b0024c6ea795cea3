package dev.snapslice.bench;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Whether the proxy stays as it is under a mixed load: nothing fails, and neither memory nor
 * connections are left behind. Ten minutes, or as many seconds as {@code SNAPSLICE_SOAK_SECONDS}
 * says.
 */
final class SoakBench implements Benchmark {
  private static final String LARGE = "large.bin";
  private static final int CLIENTS = 24;
  private static final int RANGE = 1 << 20;
  private static final int READ_BEFORE_LEAVING = 100 * 1024;
  private static final int PAGE = 100;

  /** What is compiled and cached by then stays. */
  private static final Duration LONGEST_WARM_UP = Duration.ofMinutes(2);

  /** Connections that are kept for the next request are closed after five seconds. */
  private static final Duration QUIET = Duration.ofSeconds(15);

  @Override
  public void run(Report report) throws Exception {
    String seconds = System.getenv().getOrDefault("SNAPSLICE_SOAK_SECONDS", "600");
    Duration time = Duration.ofSeconds(Long.parseLong(seconds));
    try (ReadStack stack = ReadStack.start(report)) {
      report.progress("writing %,d objects of 4 KiB, one of 64 MiB".formatted(StoredReads.SMALL));
      StoredReads reads = StoredReads.write(stack, Map.of(LARGE, 1));
      ProcessView proxy = ProcessView.of(stack.proxyProcess());
      try (Load load = new Load(reads)) {
        report.part("soak", () -> soak(report, proxy, load, time));
      }
    }
  }

  private static void soak(Report report, ProcessView proxy, Load load, Duration time)
      throws Exception {
    Duration third = time.dividedBy(3);
    Duration warmUp = third.compareTo(LONGEST_WARM_UP) < 0 ? third : LONGEST_WARM_UP;
    int before = proxy.connections();
    run(report, proxy, load, warmUp);
    double steady = proxy.liveHeap();
    report.progress("steady from here, with %.1f MiB of heap live".formatted(steady));
    run(report, proxy, load, time.minus(warmUp));
    double live = proxy.liveHeap();
    int after = proxy.connections();

    String note =
        "%d s, %d clients: small and ranged GETs, lists, HEADs, clients that leave"
            .formatted(time.toSeconds(), CLIENTS);
    report.figure("soak_requests", load.requests.doubleValue(), "", "", note);
    report.figure("soak_failures", load.failures.doubleValue(), "", "<= 0", "");
    String grown =
        "live after %d s: %.1f MiB, at the end: %.1f MiB"
            .formatted(warmUp.toSeconds(), steady, live);
    report.figure("soak_heap_growth_mib", live - steady, "MiB", "<= 8", grown);
    String left = "%d before the load, %d after it".formatted(before, after);
    report.figure("soak_connections_leaked", after - before, "", "<= 0", left);
    report.figure("soak_rss_mib", proxy.resident(), "MiB", "<= 512", "at the end");
  }

  /** Loads the proxy, and returns when it has come to rest. */
  private static void run(Report report, ProcessView proxy, Load load, Duration time)
      throws IOException, InterruptedException {
    Instant end = Instant.now().plus(time);
    Thread running = Thread.ofVirtual().start(() -> load.until(end));
    while (!running.join(Duration.ofSeconds(30))) {
      report.progress("%,.0f MiB in RAM, %s".formatted(proxy.resident(), load));
    }
    Thread.sleep(QUIET);
  }

  /** Clients of every kind, and how they fare. Thread-safe. */
  private static final class Load implements AutoCloseable {
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final String view;
    private final List<byte[]> small;
    private final URI large;
    private final S3Client s3;

    Load(StoredReads reads) {
      this.view = reads.view();
      this.small = reads.small(false).stream().map(HttpLoad::request).toList();
      this.large = reads.get(false, LARGE);
      this.s3 =
          S3Client.builder()
              .endpointOverride(reads.stack().proxy())
              .region(Region.US_EAST_1)
              .forcePathStyle(true)
              .httpClientBuilder(UrlConnectionHttpClient.builder())
              .overrideConfiguration(c -> c.retryStrategy(r -> r.maxAttempts(1)))
              .credentialsProvider(StaticCredentialsProvider.create(reads.stack().reader()))
              .build();
    }

    void until(Instant end) {
      try {
        HttpLoad.all(
            CLIENTS,
            number -> {
              while (Instant.now().isBefore(end)) {
                client(end);
              }
              return null;
            });
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }

    /** Some requests of one client on a connection of its own. */
    private void client(Instant end) {
      try (HttpLoad.Connection connection = new HttpLoad.Connection(large)) {
        for (int i = 0; i < 100 && Instant.now().isBefore(end); i++) {
          request(connection);
          requests.incrementAndGet();
        }
        connection.leave(HttpLoad.request(large), READ_BEFORE_LEAVING);
        requests.incrementAndGet();
      } catch (IOException | RuntimeException e) {
        if (failures.incrementAndGet() <= 10) {
          System.err.println("failed: " + e);
        }
      }
    }

    private void request(HttpLoad.Connection connection) throws IOException {
      ThreadLocalRandom chance = ThreadLocalRandom.current();
      int number = chance.nextInt(StoredReads.SMALL);
      switch (chance.nextInt(10)) {
        case 0 -> {
          int listed =
              s3.listObjectsV2(r ->
                      r.bucket(view)
                          .prefix("small/")
                          .maxKeys(PAGE)
                          .startAfter(StoredReads.smallKey(number)))
                  .keyCount();
          expect(Math.min(PAGE, StoredReads.SMALL - 1 - number), listed);
        }
        case 1 ->
            expect(
                StoredReads.SMALL_BYTES,
                s3.headObject(r -> r.bucket(view).key(StoredReads.smallKey(number)))
                    .contentLength());
        case 2 -> {
          int from = chance.nextInt(StoredReads.PART - RANGE);
          String range = "Range: bytes=%d-%d\r\n".formatted(from, from + RANGE - 1);
          expect(RANGE, connection.get(HttpLoad.request(large, range)).bytes());
        }
        default -> expect(StoredReads.SMALL_BYTES, connection.get(small.get(number)).bytes());
      }
    }

    private static void expect(long wanted, long got) throws IOException {
      if (wanted != got) {
        throw new IOException("wanted %d, got %d".formatted(wanted, got));
      }
    }

    @Override
    public String toString() {
      return "%,d requests, %,d failures".formatted(requests.get(), failures.get());
    }

    @Override
    public void close() {
      s3.close();
    }
  }
}
