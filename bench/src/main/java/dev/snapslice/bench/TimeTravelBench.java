package dev.snapslice.bench;

import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * What lists of the past cost through the proxy, beside lists of the present at its origin, a MinIO
 * on the same machine, in turn: a few keys that were overwritten often, and a walk through a large
 * tree.
 */
final class TimeTravelBench implements Benchmark {
  private static final String OFTEN = "often";
  private static final int KEYS = 100;
  private static final int VERSIONS = 1_000;

  private static final String TREE = "tree";
  private static final int FOLDERS = 1_000;
  private static final int IN_FOLDER = 100;
  private static final int TREE_VERSIONS = 10;
  private static final int[] PERCENT = {10, 50, 90};
  private static final int WRITERS = 16;

  @Override
  public void run(Report report) throws Exception {
    try (ReadStack stack = ReadStack.start(report);
        S3Client origin = stack.minio().s3();
        S3Client proxy = stack.s3()) {
      report.part("list", () -> list(report, stack, origin, proxy));
      report.part("walk", () -> walk(report, stack, origin, proxy));
    }
  }

  private static void list(Report report, ReadStack stack, S3Client origin, S3Client proxy)
      throws Exception {
    report.progress("writing %d keys, each %,d times".formatted(KEYS, VERSIONS));
    Minio.create(origin, OFTEN);
    VersionEvent[][] histories = overwritten(origin);
    stack.index(OFTEN, Arrays.stream(histories).flatMap(Arrays::stream).iterator());
    Instant past = histories[KEYS / 2][VERSIONS / 2].time();
    Rounds rounds = new Rounds(report, "list of %d keys".formatted(KEYS));
    double ratio = rounds.ratio(() -> walked(origin, OFTEN), at -> walked(proxy, OFTEN, past, at));
    String note = "%d keys, %,d versions each, half way".formatted(KEYS, VERSIONS);
    report.figure("timetravel_list_ratio", ratio, "ratio", "<= 2", note);
    report.figure("timetravel_list_ms", rounds.millis(), "ms", "", "through the proxy");
    report.part("rclone", () -> rclone(report, stack, past));
  }

  /** Writes one round after another over all keys; the histories are newest first, as S3 lists. */
  private static VersionEvent[][] overwritten(S3Client s3) throws Exception {
    VersionEvent[][] histories = new VersionEvent[KEYS][VERSIONS];
    HttpLoad.all(
        WRITERS,
        writer -> {
          for (int v = VERSIONS - 1; v >= 0; v--) {
            for (int i = writer; i < KEYS; i += WRITERS) {
              histories[i][v] = put(s3, "folder/%03d.parquet".formatted(i), "version " + v);
            }
          }
          return null;
        });
    return histories;
  }

  private static VersionEvent put(S3Client s3, String key, String body) {
    var put = s3.putObject(r -> r.bucket(OFTEN).key(key), RequestBody.fromString(body));
    return ReadStack.listed(key, put.versionId(), put.eTag(), body.length(), Instant.now());
  }

  /** What a client that reads all versions takes for the same list. */
  private static void rclone(Report report, ReadStack stack, Instant past) throws Exception {
    Path program = Path.of(".snapslice", "bin", "rclone");
    if (!Files.exists(program)) {
      throw new IllegalStateException("there is no rclone: ./snapslice test builds it");
    }
    double now = rcloneSeconds(program, stack);
    double then = rcloneSeconds(program, stack, "--s3-version-at", past.toString());
    String note = "the same list by --s3-version-at, against its list of the present; once";
    report.figure("rclone_version_at_ratio", then / now, "ratio", "", note);
  }

  private static double rcloneSeconds(Path program, ReadStack stack, String... more)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of(program.toString(), "lsf", "-R", ":s3:" + OFTEN));
    command.addAll(List.of(more));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("RCLONE_S3_PROVIDER", "Minio");
    builder.environment().put("RCLONE_S3_ENDPOINT", stack.minio().url().toString());
    builder.environment().put("RCLONE_S3_ACCESS_KEY_ID", Minio.CREDENTIALS.accessKeyId());
    builder.environment().put("RCLONE_S3_SECRET_ACCESS_KEY", Minio.CREDENTIALS.secretAccessKey());
    long start = System.nanoTime();
    Process run =
        builder
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (run.waitFor() != 0) {
      throw new IOException("rclone failed");
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private static void walk(Report report, ReadStack stack, S3Client origin, S3Client proxy)
      throws Exception {
    int keys = FOLDERS * IN_FOLDER;
    report.progress("writing %,d keys in %,d folders".formatted(keys, FOLDERS));
    Minio.create(origin, TREE);
    HttpLoad.all(
        WRITERS,
        writer -> {
          for (int i = writer; i < keys; i += WRITERS) {
            String key = key(i);
            origin.putObject(r -> r.bucket(TREE).key(key), RequestBody.fromString(key));
          }
          return null;
        });
    report.progress("indexing %,d versions".formatted(keys * (TREE_VERSIONS + 1)));
    stack.index(TREE, history(keys));
    double worst = 0;
    for (int percent : PERCENT) {
      long versions = keys + (long) TREE_VERSIONS * keys * percent / 100;
      Instant past = Instant.ofEpochMilli(time(versions));
      Rounds rounds = new Rounds(report, "walk at %d %%".formatted(percent));
      double ratio = rounds.ratio(() -> walked(origin, TREE), at -> walked(proxy, TREE, past, at));
      worst = Math.max(worst, ratio);
    }
    String note =
        "%,d keys in %,d folders, %d versions each; the worst of three moments"
            .formatted(keys, FOLDERS, TREE_VERSIONS);
    report.figure("timetravel_walk_ratio", worst, "ratio", "<= 1.5", note);
  }

  private static String key(int number) {
    return "tree/%04d/object-%03d.parquet".formatted(number / IN_FOLDER, number % IN_FOLDER);
  }

  private static long time(long version) {
    return Events.START + version * 1_000;
  }

  /** One round after another over all keys; by key, newest first, as S3 lists it. */
  private static Iterator<VersionEvent> history(int keys) {
    return IntStream.range(0, keys)
        .boxed()
        .flatMap(number ->
            IntStream.rangeClosed(0, TREE_VERSIONS)
                .map(v -> TREE_VERSIONS - v)
                .mapToObj(v ->
                    Events.event(
                        key(number), v, time((long) v * keys + number), Kind.CREATED, Source.LIST)))
        .iterator();
  }

  /** The same some milliseconds later: a moment of which the proxy remembers nothing. */
  private static long walked(S3Client proxy, String bucket, Instant past, int later) {
    return walked(proxy, ReadStack.view(bucket, past.plusMillis(later)));
  }

  /** How many keys there are, by pages of 1,000. */
  private static long walked(S3Client s3, String bucket) {
    return s3.listObjectsV2Paginator(r -> r.bucket(bucket)).contents().stream().count();
  }
}
