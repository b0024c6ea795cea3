package dev.snapslice.core.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.bucket.Location;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.job.CatalogTable;
import dev.snapslice.core.restore.ObjectCopy.Sizes;
import dev.snapslice.core.restore.RestoreJob.State;
import dev.snapslice.core.restore.RestoreRequest.Back;
import dev.snapslice.core.restore.RestoreRequest.Markers;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.testing.MortalS3;
import dev.snapslice.core.version.ObjectKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;

/** Random histories, restored, killed on the way and undone, against a bucket in memory. */
class RestorePropertyTest {
  private static final List<String> KEYS = List.of("a/1", "a/1/x", "a/2", "b", "ü");
  private static final String INDEX = LocalDynamo.newIndexTable();
  private static final String CATALOG = LocalDynamo.newCatalogTable();

  private final String name = "bucket-" + UUID.randomUUID();
  private final SimulatedS3 s3 = new SimulatedS3();
  private Instant clock = Instant.parse("2026-11-25T00:00:00Z");
  private final TimeIndex index = new TimeIndex(LocalDynamo.client(), INDEX, () -> clock);
  private final WatchedBucket bucket = new WatchedBucket(s3, index, name);
  private final BucketCatalog catalog =
      new BucketCatalog(LocalDynamo.client(), CATALOG, () -> clock);
  private final List<Instant> moments = new ArrayList<>();

  RestorePropertyTest() {
    catalog.put(Bucket.registered(name, new Location.OwnAccount(), Optional.empty(), clock));
  }

  @Property(tries = 60, shrinking = ShrinkingMode.BOUNDED)
  void after_a_restore_the_present_is_the_past_and_nothing_is_lost(
      @ForAll @Size(min = 1, max = 14) List<@IntRange(min = 0, max = 99) Integer> history,
      @ForAll @IntRange(max = 24) int then,
      @ForAll @IntRange(max = 3) int where,
      @ForAll Markers markers,
      @ForAll @IntRange(min = 1, max = 40) int killedAt) {
    history.forEach(this::happen);
    s3.versioning(BucketVersioningStatus.ENABLED);
    Instant at = moments.get(then % moments.size());
    Instant before = bucket.look();
    String prefix = List.of("", "a/", "a/1", "b").get(where);
    Map<String, String> past = bucket.at(at, prefix);
    int removed = s3.removedData();

    RestoreJob job = restore(new Back(name, prefix, at, markers), before, killedAt);

    Instant after = bucket.look();
    assertThat(s3.removedData()).isEqualTo(removed);
    if (job.state() == State.FAILED) {
      assertThat(job.planned().purged()).isPositive();
      assertThat(bucket.at(after, "")).isEqualTo(bucket.at(before, ""));
      return;
    }
    assertThat(job.progress().done()).isEqualTo(job.planned().steps());
    assertThat(bucket.at(after, prefix)).isEqualTo(past);
    assertThat(outside(after, prefix)).isEqualTo(outside(before, prefix));

    restore(new Back(name, prefix, before, markers), after, Integer.MAX_VALUE);
    assertThat(bucket.at(bucket.look(), "")).isEqualTo(bucket.at(before, ""));
    assertThat(s3.removedData()).isEqualTo(removed);
  }

  private void happen(int what) {
    String key = KEYS.get(what % KEYS.size());
    int kind = what / KEYS.size();
    if (kind < 8) {
      s3.put(key);
    } else if (kind < 14) {
      s3.deleteObject(r -> r.bucket(name).key(key));
    } else if (kind < 17) {
      Current.of(s3, name, new ObjectKey(key))
          .ifPresent(
              top -> s3.deleteObject(r -> r.bucket(name).key(key).versionId(top.versionId())));
    } else {
      s3.versioning(kind == 17 ? BucketVersioningStatus.SUSPENDED : BucketVersioningStatus.ENABLED);
    }
    moments.add(bucket.look());
  }

  private Map<String, String> outside(Instant moment, String prefix) {
    Map<String, String> all = bucket.at(moment, "");
    all.keySet().removeIf(key -> key.startsWith(prefix));
    return all;
  }

  private RestoreJob restore(RestoreRequest request, Instant now, int killedAt) {
    RestoreJobs jobs = jobs(killedAt);
    RestoreJob job = jobs.create(request, now);
    try {
      jobs.resume(job.id().toString(), clock.plusSeconds(60));
    } catch (MortalS3.Killed e) {
      clock = clock.plusSeconds(100);
      assertThat(jobs(Integer.MAX_VALUE).resume(job.id().toString(), clock.plusSeconds(60)))
          .isEmpty();
    }
    return jobs.get(job.id()).orElseThrow();
  }

  private RestoreJobs jobs(int killedAt) {
    S3Client mortal = MortalS3.killedAfter(killedAt, s3);
    return new RestoreJobs(
        new CatalogTable(LocalDynamo.client(), CATALOG),
        new RestoreJobs.Buckets(catalog, b -> mortal, Optional::empty),
        new RestorePlanner(index),
        () -> clock,
        Sizes.OF_S3);
  }
}
