package dev.snapslice.core.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.bucket.Location;
import dev.snapslice.core.export.ExportJob.State;
import dev.snapslice.core.export.ExportRequest.Format;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.job.CatalogTable;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.testing.Moto;
import dev.snapslice.core.time.ViewSpec;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import software.amazon.awssdk.services.s3.S3Client;

class ExportJobsTest {
  @RegisterExtension static final Moto MOTO = new Moto();

  private static final Instant START = Instant.parse("2026-11-24T09:00:00.123Z");
  private static final int PART = 5 << 20;

  private final String name = "bucket-" + UUID.randomUUID();
  private final String catalogTable = LocalDynamo.newCatalogTable();
  private final S3Client s3 = MOTO.s3();
  private Instant clock = Instant.parse("2026-11-25T00:00:00Z");
  private final TimeIndex index =
      new TimeIndex(LocalDynamo.client(), LocalDynamo.newIndexTable(), () -> clock);
  private final BucketCatalog catalog =
      new BucketCatalog(LocalDynamo.client(), catalogTable, () -> clock);

  @BeforeEach
  void makeBuckets() {
    s3.createBucket(r -> r.bucket("reports-" + name));
    for (String bucket : List.of(name, "reports-" + name)) {
      catalog.put(Bucket.registered(bucket, new Location.OwnAccount(), Optional.empty(), clock));
    }
    index.create(name);
    index.finishBackfill(name);
  }

  private ExportJobs jobs(S3Client client) {
    var table = new CatalogTable(LocalDynamo.client(), catalogTable);
    return new ExportJobs(table, catalog, b -> client, index, () -> clock, PART);
  }

  private void record(VersionEvent... events) {
    assertThat(index.record(name, List.of(events)).failed()).isEmpty();
  }

  private static VersionEvent event(String key, String version, Kind kind, int second) {
    boolean created = kind == Kind.CREATED;
    return new VersionEvent(
        new ObjectKey(key),
        version,
        kind,
        START.plusSeconds(second),
        "",
        created ? "e-" + version : "",
        created ? 7 : 0,
        Source.EVENT);
  }

  private ExportRequest request(Format format, ViewSpec view, String prefix) {
    return new ExportRequest(name, prefix, view, format, "reports-" + name, "of/");
  }

  private ExportJob run(ExportJobs jobs, ExportRequest request) {
    ExportJob job = jobs.create(request);
    assertThat(jobs.resume(job.id().toString(), clock.plusSeconds(60))).isEmpty();
    return jobs.get(job.id()).orElseThrow();
  }

  private List<String> lines(ExportJob job) {
    return s3.getObjectAsBytes(r -> r.bucket("reports-" + name).key(job.file()))
        .asUtf8String()
        .lines()
        .toList();
  }

  @Test
  void writes_a_snapshot_as_a_manifest_for_batch_operations() {
    record(
        event("a,b/ü +%\n\"", "v1", Kind.CREATED, 0),
        event("gone", "v2", Kind.CREATED, 0),
        event("gone", "v2", Kind.REMOVED, 9),
        event("z", "null", Kind.CREATED, 0),
        event("z", "v3", Kind.CREATED, 5));

    ExportJob job = run(jobs(s3), request(Format.CSV, new ViewSpec.Snapshot(START), ""));

    assertThat(job.state()).isEqualTo(State.DONE);
    assertThat(lines(job))
        .containsExactly(name + ",a%2Cb/%C3%BC%20%2B%25%0A%22,v1", name + ",z,null");
    assertThat(job.written().objects()).isEqualTo(2);
    assertThat(job.written().purged()).isEqualTo(1);
    assertThat(job.file()).startsWith("of/" + name + "-tm20261124090000123-").endsWith(".csv");
  }

  @Test
  void writes_a_slice_as_json_lines() {
    record(
        event("in/a", "v1", Kind.CREATED, 0),
        event("in/b", "v2", Kind.CREATED, 1),
        event("in/c", "v3", Kind.CREATED, 1),
        event("in/c", "v3", Kind.REMOVED, 9),
        event("out", "v4", Kind.CREATED, 1));

    var slice = new ViewSpec.Slice(START, START.plusSeconds(2));
    ExportJob job = run(jobs(s3), request(Format.JSON_LINES, slice, "in/"));

    assertThat(lines(job))
        .containsExactly(
            """
            {"key":"in/b","version_id":"v2","size":7,"etag":"e-v2",\
            "last_modified":"2026-11-24T09:00:01.123Z","purged":false}\
            """,
            """
            {"key":"in/c","version_id":"v3","size":7,"etag":"e-v3",\
            "last_modified":"2026-11-24T09:00:01.123Z","purged":true}\
            """);
  }

  @Test
  void writes_an_empty_view() {
    ExportJob job = run(jobs(s3), request(Format.CSV, new ViewSpec.Snapshot(START), ""));

    assertThat(lines(job)).isEmpty();
    assertThat(job.written().bytes()).isZero();
  }

  @Test
  void goes_on_after_being_killed_at_any_call() {
    String folder = "x".repeat(900) + "/";
    List<VersionEvent> many = new ArrayList<>();
    IntStream.range(0, 5_500)
        .forEach(i -> many.add(event(folder + "%06d".formatted(i), "v" + i, Kind.CREATED, 0)));
    assertThat(index.record(name, many).failed()).isEmpty();
    ExportRequest request = request(Format.JSON_LINES, new ViewSpec.Snapshot(START), "");
    ExportJob job = jobs(s3).create(request);

    for (int killedAt = 1; jobs(s3).get(job.id()).orElseThrow().state() == State.RUNNING; ) {
      try {
        jobs(mortal(killedAt)).resume(job.id().toString(), clock.plusSeconds(60));
      } catch (Killed e) {
        killedAt++;
      }
      clock = clock.plusSeconds(100);
    }

    ExportJob done = jobs(s3).get(job.id()).orElseThrow();
    assertThat(done.state()).isEqualTo(State.DONE);
    assertThat(done.written().parts()).isEqualTo(2);
    assertThat(
            lines(done).stream().map(line -> Json.read(line, JsonNode.class).get("key").asText()))
        .containsExactlyElementsOf(
            many.stream().map(event -> event.key().value()).sorted().toList());
  }

  @Test
  void refuses_a_target_that_nobody_registered() {
    var request =
        new ExportRequest(name, "", new ViewSpec.Snapshot(START), Format.CSV, "nobodys", "");

    assertThatThrownBy(() -> jobs(s3).create(request)).hasMessageContaining("'nobodys'");
  }

  /** A client whose process dies right after a call, when S3 has done its part. */
  private S3Client mortal(int killedAt) {
    AtomicInteger calls = new AtomicInteger();
    return (S3Client)
        Proxy.newProxyInstance(
            S3Client.class.getClassLoader(),
            new Class<?>[] {S3Client.class},
            (proxy, method, arguments) -> {
              if (method.isDefault()
                  && (method.getParameterTypes()[0] == Consumer.class
                      || method.getName().endsWith("Paginator"))) {
                return InvocationHandler.invokeDefault(proxy, method, arguments);
              }
              try {
                Object answer = method.invoke(s3, arguments);
                if (calls.incrementAndGet() >= killedAt) {
                  throw new Killed();
                }
                return answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** The function's process is gone. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }
}
