package dev.snapslice.core.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.bucket.Location;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.job.CatalogTable;
import dev.snapslice.core.job.JobNotes.Note;
import dev.snapslice.core.restore.ObjectCopy.Sizes;
import dev.snapslice.core.restore.RestoreJob.Progress;
import dev.snapslice.core.restore.RestoreJob.State;
import dev.snapslice.core.restore.RestorePlan.Counts;
import dev.snapslice.core.restore.RestoreRequest.Back;
import dev.snapslice.core.restore.RestoreRequest.Copy;
import dev.snapslice.core.restore.RestoreRequest.Markers;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.testing.MortalS3;
import dev.snapslice.core.testing.Moto;
import dev.snapslice.core.time.ViewSpec;
import dev.snapslice.core.version.ObjectKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.StorageClass;

class RestoreJobsTest {
  @RegisterExtension static final Moto MOTO = new Moto();

  private static final String CATALOG = LocalDynamo.newCatalogTable();
  private static final int PART = 5 << 20;

  private final String name = "bucket-" + UUID.randomUUID();
  private final S3Client s3 = MOTO.s3();
  private Instant clock = Instant.parse("2026-11-25T00:00:00Z");
  private final TimeIndex index =
      new TimeIndex(LocalDynamo.client(), LocalDynamo.newIndexTable(), () -> clock);
  private final BucketCatalog catalog =
      new BucketCatalog(LocalDynamo.client(), CATALOG, () -> clock);
  private Optional<Instant> through = Optional.empty();
  private final RestorePlanner planner = new RestorePlanner(index);
  private final RestoreJobs jobs = jobs(s3);
  private WatchedBucket bucket;

  @BeforeEach
  void makeBucket() {
    bucket = bucket(name);
  }

  private RestoreJobs jobs(S3Client client) {
    return new RestoreJobs(
        new CatalogTable(LocalDynamo.client(), CATALOG),
        new RestoreJobs.Buckets(catalog, b -> client, () -> through),
        planner,
        () -> clock,
        new Sizes(PART, PART));
  }

  private WatchedBucket bucket(String called) {
    s3.createBucket(r -> r.bucket(called));
    versioning(called, BucketVersioningStatus.ENABLED);
    catalog.put(Bucket.registered(called, new Location.OwnAccount(), Optional.empty(), clock));
    return new WatchedBucket(s3, index, called);
  }

  private void versioning(String called, BucketVersioningStatus status) {
    s3.putBucketVersioning(r -> r.bucket(called).versioningConfiguration(v -> v.status(status)));
  }

  private void put(String key, String body) {
    s3.putObject(r -> r.bucket(name).key(key), RequestBody.fromString(body));
  }

  private void delete(String key) {
    s3.deleteObject(r -> r.bucket(name).key(key));
  }

  private RestoreJob run(RestoreRequest request, Instant now) {
    RestoreJob job = jobs.create(request, now);
    assertThat(jobs.resume(job.id().toString(), clock.plusSeconds(60))).isEmpty();
    return jobs.get(job.id()).orElseThrow();
  }

  private Back back(Instant at) {
    return new Back(name, "", at, Markers.REMOVE);
  }

  @Test
  void a_plan_tells_what_would_be_done_and_does_nothing() {
    put("changed", "1");
    put("deleted", "12");
    Instant then = bucket.look();
    put("changed", "2");
    delete("deleted");
    put("added", "3");
    Instant now = bucket.look();

    RestorePlan plan = planner.plan(back(then), now);

    assertThat(plan.counts()).isEqualTo(new Counts(1, 1, 1, 0, 0, 1));
    assertThat(planner.plan(new Back(name, "", then, Markers.COPY), now).counts())
        .isEqualTo(new Counts(0, 2, 1, 0, 0, 3));
    assertThat(bucket.at(bucket.look(), "")).isEqualTo(bucket.at(now, ""));
  }

  @Test
  void brings_a_bucket_back_and_undoes_it() {
    List<String> odd = List.of("a//b", "a/ +%&=?#", "ü/日本", "./..", "a/b\tc", "x".repeat(1000));
    odd.forEach(key -> put(key, key));
    put("changed", "1");
    Instant then = bucket.look();
    odd.forEach(this::delete);
    put("changed", "2");
    put("added", "3");
    Instant now = bucket.look();

    RestoreJob job = run(back(then), now);

    Instant restored = bucket.look();
    assertThat(job.state()).isEqualTo(State.DONE);
    assertThat(job.progress()).isEqualTo(new Progress(8, 0, 0, 1));
    assertThat(bucket.at(restored, "")).isEqualTo(bucket.at(then, ""));

    run(back(now), restored);

    assertThat(bucket.at(bucket.look(), "")).isEqualTo(bucket.at(now, ""));
  }

  @Test
  void leaves_markers_in_the_history_if_the_user_says_so() {
    put("key", "1");
    Instant then = bucket.look();
    delete("key");
    Instant now = bucket.look();

    RestoreJob job = run(new Back(name, "", then, Markers.COPY), now);

    assertThat(job.planned()).isEqualTo(new Counts(0, 1, 0, 0, 0, 1));
    assertThat(bucket.stored()).isEqualTo(3);
    assertThat(bucket.at(bucket.look(), "")).isEqualTo(bucket.at(then, ""));
  }

  @Test
  void removes_a_stack_of_markers_but_copies_what_lies_below_another_version() {
    put("stacked", "1");
    put("below", "1");
    Instant then = bucket.look();
    delete("stacked");
    delete("stacked");
    put("below", "2");
    delete("below");
    Instant now = bucket.look();

    RestoreJob job = run(back(then), now);

    assertThat(job.planned()).isEqualTo(new Counts(1, 1, 0, 0, 0, 1));
    assertThat(bucket.at(bucket.look(), "")).isEqualTo(bucket.at(then, ""));
    assertThat(bucket.stored()).isEqualTo(1 + 4);
  }

  @Test
  void leaves_what_was_written_since_and_says_so() {
    put("a", "1");
    put("b", "1");
    put("c", "1");
    Instant then = bucket.look();
    put("a", "2");
    delete("b");
    put("new", "2");
    Instant now = bucket.look();
    put("a", "3");
    put("b", "3");
    put("new", "3");

    RestoreJob job = run(back(then), now);

    assertThat(job.progress()).isEqualTo(new Progress(0, 3, 0, 0));
    assertThat(jobs.problems(job.id(), "", 10))
        .extracting(Note::key)
        .extracting(ObjectKey::value)
        .containsExactly("a", "b", "new");
    Instant after = bucket.look();
    assertThat(bucket.stored()).isEqualTo(9);
    assertThat(bucket.at(after, "").get("new")).isNotEqualTo(bucket.at(now, "").get("new"));
  }

  @Test
  void refuses_with_the_list_when_versions_are_purged() {
    put("gone", "1");
    put("here", "1");
    Instant then = bucket.look();
    String version = s3.headObject(r -> r.bucket(name).key("gone")).versionId();
    put("gone", "2");
    put("here", "2");
    s3.deleteObject(r -> r.bucket(name).key("gone").versionId(version));
    Instant now = bucket.look();

    RestorePlan plan = planner.plan(back(then), now);
    RestoreJob job = run(back(then), now);

    assertThat(plan.refused()).isTrue();
    assertThat(plan.purged()).containsExactly(new ObjectKey("gone"));
    assertThat(job.state()).isEqualTo(State.FAILED);
    assertThat(jobs.problems(job.id(), "", 10)).hasSize(1);
    assertThat(bucket.at(bucket.look(), "")).isEqualTo(bucket.at(now, ""));
  }

  @Test
  void copies_large_objects_in_parts_with_all_that_belongs_to_them() {
    byte[] bytes = new byte[2 * PART + 17];
    s3.putObject(
        r ->
            r.bucket(name)
                .key("large")
                .contentType("text/x-test")
                .cacheControl("no-store")
                .metadata(Map.of("who", "me"))
                .tagging("a=1&b=2")
                .storageClass(StorageClass.STANDARD_IA),
        RequestBody.fromBytes(bytes));
    Instant then = bucket.look();
    put("large", "small");
    Instant now = bucket.look();

    RestoreJob job = run(back(then), now);

    var head = s3.headObject(r -> r.bucket(name).key("large"));
    assertThat(job.progress()).isEqualTo(new Progress(1, 0, 0, bytes.length));
    assertThat(head.eTag()).endsWith("-3\"");
    assertThat(head.contentLength()).isEqualTo(bytes.length);
    assertThat(head.contentType()).isEqualTo("text/x-test");
    assertThat(head.cacheControl()).isEqualTo("no-store");
    assertThat(head.metadata()).isEqualTo(Map.of("who", "me"));
    assertThat(head.storageClass()).isEqualTo(StorageClass.STANDARD_IA);
    assertThat(s3.getObjectTagging(r -> r.bucket(name).key("large")).tagSet()).hasSize(2);
  }

  @Test
  void goes_on_with_a_large_copy_after_being_killed_at_any_call() {
    s3.putObject(r -> r.bucket(name).key("large"), RequestBody.fromBytes(new byte[2 * PART + 17]));
    put("other", "1");
    Instant then = bucket.look();
    put("large", "small");
    put("other", "2");
    RestoreJob job = jobs.create(back(then), bucket.look());

    for (int killedAt = 1; !jobs.get(job.id()).orElseThrow().finished(); ) {
      try {
        jobs(MortalS3.killedAfter(killedAt, s3)).resume(job.id().toString(), clock.plusSeconds(60));
      } catch (MortalS3.Killed e) {
        killedAt++;
      }
      clock = clock.plusSeconds(100);
    }

    RestoreJob done = jobs.get(job.id()).orElseThrow();
    assertThat(done.progress()).isEqualTo(new Progress(2, 0, 0, 2 * PART + 18));
    assertThat(bucket.stored()).as("each copied once").isEqualTo(6);
    assertThat(s3.headObject(r -> r.bucket(name).key("large")).contentLength())
        .isEqualTo(2 * PART + 17);
  }

  @Test
  void copies_small_objects_with_all_that_belongs_to_them() {
    s3.putObject(
        r ->
            r.bucket(name)
                .key("k")
                .contentType("text/x-test")
                .metadata(Map.of("who", "me"))
                .tagging("a=1")
                .storageClass(StorageClass.STANDARD_IA),
        RequestBody.fromString("1"));
    Instant then = bucket.look();
    put("k", "2");

    run(back(then), bucket.look());

    var head = s3.headObject(r -> r.bucket(name).key("k"));
    assertThat(head.contentType()).isEqualTo("text/x-test");
    assertThat(head.metadata()).isEqualTo(Map.of("who", "me"));
    assertThat(head.storageClass()).isEqualTo(StorageClass.STANDARD_IA);
    assertThat(s3.getObjectTagging(r -> r.bucket(name).key("k")).tagSet()).hasSize(1);
  }

  @Test
  void copies_a_slice_to_another_bucket_and_prefix() {
    WatchedBucket other = bucket(name + "-2");
    put("in/a", "1");
    Instant from = bucket.look();
    put("in/b", "2");
    put("out", "3");
    Instant to = bucket.look();
    put("in/b", "4");
    Instant now = bucket.look();

    var slice = new ViewSpec.Slice(from, to);
    RestoreJob job = run(new Copy(name, "in/", slice, name + "-2", "copied/"), now);
    run(new Copy(name, "in/", slice, name + "-2", "copied/"), now);

    assertThat(job.planned()).isEqualTo(new Counts(0, 0, 0, 1, 0, 1));
    assertThat(other.at(other.look(), "")).containsOnlyKeys("copied/b");
    assertThat(other.stored()).as("copied once").isEqualTo(1);
    assertThat(s3.getObjectAsBytes(r -> r.bucket(name + "-2").key("copied/b")).asUtf8String())
        .isEqualTo("2");
  }

  @Test
  void brings_back_an_object_from_before_versioning() {
    versioning(name, BucketVersioningStatus.SUSPENDED);
    put("old", "1");
    Instant then = bucket.look();
    versioning(name, BucketVersioningStatus.ENABLED);
    put("old", "2");

    RestoreJob job = run(back(then), bucket.look());

    assertThat(job.progress().done()).isEqualTo(1);
    assertThat(bucket.at(bucket.look(), "")).isEqualTo(bucket.at(then, ""));
  }

  @Test
  void changes_nothing_where_versioning_is_suspended() {
    put("key", "1");
    Instant then = bucket.look();
    put("key", "2");
    Instant now = bucket.look();
    versioning(name, BucketVersioningStatus.SUSPENDED);

    RestoreJob job = run(back(then), now);

    assertThat(job.state()).isEqualTo(State.FAILED);
    assertThat(job.problem().orElseThrow()).contains("versioning");
    assertThat(bucket.stored()).isEqualTo(2);
  }

  @Test
  void waits_until_the_index_has_caught_up_with_its_present() {
    put("key", "1");
    Instant then = bucket.look();
    put("key", "2");
    Instant now = bucket.look();
    RestoreJob job = jobs.create(back(then), now);

    through = Optional.of(now.minusMillis(1));
    var early = jobs.resume(job.id().toString(), clock.plusSeconds(60));
    through = Optional.of(now);
    var later = jobs.resume(job.id().toString(), clock.plusSeconds(60));

    assertThat(early).isPresent();
    assertThat(later).isEmpty();
    assertThat(jobs.get(job.id()).orElseThrow().progress().done()).isEqualTo(1);
  }

  @Test
  void works_in_turns_and_stops_when_cancelled() {
    put("key", "1");
    Instant then = bucket.look();
    put("key", "2");
    Instant now = bucket.look();
    RestoreJob job = jobs.create(back(then), now);

    var again = jobs.resume(job.id().toString(), clock);
    jobs.cancel(job.id());
    var end = jobs.resume(job.id().toString(), clock.plusSeconds(60));

    assertThat(again).isPresent();
    assertThat(end).isEmpty();
    assertThat(jobs.newest(name, "", 10))
        .extracting(RestoreJob::state)
        .containsExactly(State.CANCELLED);
    assertThat(bucket.stored()).isEqualTo(2);
  }

  @Test
  void refuses_the_future_and_buckets_that_s3_cannot_copy_between() {
    Instant now = bucket.look();
    catalog.put(
        Bucket.registered(
            name + "-3",
            new Location.OtherAccount("arn:aws:iam::123456789012:role/r", "id-1"),
            Optional.empty(),
            clock));

    assertThatThrownBy(() -> jobs.create(back(now.plusMillis(1)), now))
        .hasMessageContaining("not past");
    var copy = new Copy(name, "", new ViewSpec.Snapshot(now), name + "-3", "");
    assertThatThrownBy(() -> jobs.create(copy, now)).hasMessageContaining("not in one place");
  }
}
