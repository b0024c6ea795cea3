package dev.snapslice.core.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.bucket.Reconciling.Again;
import dev.snapslice.core.bucket.Reconciling.Done;
import dev.snapslice.core.testing.Moto;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;

class ReconcilingTest {
  @RegisterExtension static final Moto MOTO = new Moto();

  private final Workplace place = new Workplace(MOTO);

  @BeforeEach
  void activates_a_bucket_with_some_versions() {
    place.versioned();
    place.put("a/1", "1");
    place.put("a/2", "2");
    place.put("b/1", "3");
    place.enabled();
    place.backfilling().resume(place.bucket, place.soon());
    place.events();
    place.tasks();
  }

  /** What S3 did until now is old enough to be judged. */
  private Done reconcile(String prefix) {
    for (int i = 0; i < 10; i++) {
      place.ahead = place.ahead.plusSeconds(5);
      if (place.reconciling().resume(place.bucket, prefix, place.soon()) instanceof Done done) {
        return done;
      }
    }
    throw new AssertionError("the reconcile does not end");
  }

  private void assertEqualToS3() {
    assertThat(place.indexed()).isEqualTo(place.listed());
    assertThat(place.snapshot()).isEqualTo(place.present());
  }

  @Test
  void finds_nothing_where_nothing_is_wrong() {
    Instant before = place.clock.instant();

    Done done = reconcile("");

    assertThat(done).isEqualTo(new Done(0, 0, 0, 0, 3));
    assertThat(place.now().history().verifiedThrough())
        .hasValueSatisfying(through -> assertThat(through).isAfter(before));
    assertThat(place.now().amended().count()).isZero();
  }

  @Test
  void records_what_the_index_misses() {
    String first = place.put("a/1", "new version");
    place.delete("b/1");
    place.put("c/new key", "4");
    indexedThrough(Instant.now().plusSeconds(3));

    Done done = reconcile("");

    assertThat(done.missed()).isEqualTo(3);
    assertEqualToS3();
    assertThat(place.indexed().get("a/1").getFirst()).isEqualTo(first);
    assertThat(amendments()).hasSize(3);
    assertThat(reconcile("").drift()).isZero();
  }

  /** As far as the catalog says that views could be read already. */
  private void indexedThrough(Instant through) {
    LocalThrough.set(place.catalogTable, through);
  }

  private List<Amendment> amendments() {
    return place.amendments.since(place.bucket, Instant.EPOCH).toList();
  }

  @Test
  void records_when_at_the_latest_a_version_was_removed() {
    String lost = place.listed().get("a/2").getFirst();
    place.remove("a/2", lost);

    Done done = reconcile("");

    assertThat(done).isEqualTo(new Done(0, 1, 0, 1, 3));
    assertEqualToS3();
    assertThat(amendments())
        .singleElement()
        .satisfies(a -> {
          assertThat(a.kind()).isEqualTo(Kind.REMOVED);
          assertThat(a.note())
              .hasValueSatisfying(note -> assertThat(note).startsWith("removed between"));
        });
  }

  @Test
  void leaves_alone_what_an_event_explains_before_the_second_look() {
    String lost = place.listed().get("a/2").getFirst();
    place.remove("a/2", lost);
    place.ahead = place.ahead.plusSeconds(5);
    var first = place.reconciling().resume(place.bucket, "", place.soon());
    place.index.record(place.bucket, place.events());

    place.ahead = place.ahead.plusSeconds(5);
    var second = place.reconciling().resume(place.bucket, "", place.soon());

    assertThat(first).isInstanceOf(Again.class);
    assertThat(second).isEqualTo(new Done(0, 1, 0, 0, 3));
    assertThat(amendments()).isEmpty();
    assertEqualToS3();
  }

  @Test
  void corrects_times_that_contradict_the_order_of_s3() {
    String older = place.put("a/1", "older");
    String newer = place.put("a/1", "newer");
    List<VersionEvent> events = place.events();
    VersionEvent late = ListedKey.at(events.get(1), events.get(0).time().minusMillis(500));
    place.index.record(place.bucket, List.of(events.get(0), asList(late)));
    assertThat(place.indexed().get("a/1").getFirst()).isEqualTo(older);

    Done done = reconcile("");

    assertThat(done.misdated()).isEqualTo(1);
    assertThat(place.indexed().get("a/1").getFirst()).isEqualTo(newer);
    assertEqualToS3();
    assertThat(reconcile("").drift()).isZero();
  }

  private static VersionEvent asList(VersionEvent event) {
    return new VersionEvent(
        event.key(),
        event.versionId(),
        event.kind(),
        event.time(),
        "",
        event.etag(),
        event.size(),
        Source.LIST);
  }

  @Test
  void corrects_an_event_whose_time_is_wrong() {
    place.put("a/1", "older");
    place.put("a/1", "newer");
    List<VersionEvent> events = place.events();
    VersionEvent future = ListedKey.at(events.get(0), events.get(1).time().plusMillis(700));
    place.index.record(place.bucket, List.of(future, events.get(1)));

    Done done = reconcile("");

    assertThat(done.misdated()).isEqualTo(1);
    assertEqualToS3();
  }

  @Test
  void tells_null_versions_apart() {
    suspendVersioning();
    place.put("null", "first");
    place.index.record(place.bucket, place.events());
    assertThat(reconcile("").drift()).isZero();
    place.put("null", "second");
    place.put("a/1", "null over a version");
    place.events();

    Done done = reconcile("");

    assertThat(done.missed()).isEqualTo(2);
    assertThat(place.snapshot()).isEqualTo(place.present());
    assertThat(
            place.index.history(place.bucket, new ObjectKey("null")).stream()
                .filter(v -> v.removed().isEmpty())
                .map(Version::etag))
        .hasSize(1);
    assertThat(reconcile("").drift()).isZero();
  }

  private void suspendVersioning() {
    place.s3.putBucketVersioning(r ->
        r.bucket(place.bucket)
            .versioningConfiguration(v -> v.status(BucketVersioningStatus.SUSPENDED)));
  }

  @Test
  void looks_below_a_prefix_only_and_verifies_no_more_than_that() {
    place.put("a/new", "4");
    place.put("b/new", "5");

    Done done = reconcile("a/");

    assertThat(done.missed()).isEqualTo(1);
    assertThat(done.checked()).isEqualTo(3);
    assertThat(place.indexed()).containsKey("a/new").doesNotContainKey("b/new");
    assertThat(place.now().history().verifiedThrough()).isEmpty();
  }

  @Test
  void does_not_judge_what_may_be_on_its_way() {
    place.put("a/new", "4");

    var outcome = place.reconciling().resume(place.bucket, "", place.soon());

    assertThat(outcome).isEqualTo(new Done(0, 0, 0, 0, 4));
    assertThat(place.indexed()).doesNotContainKey("a/new");
  }

  @Test
  void writes_that_go_on_do_no_harm() {
    place.put("a/3", "missed");
    place.events();
    place.remove("a/2", place.listed().get("a/2").getFirst());
    place.ahead = place.ahead.plusSeconds(5);
    place.reconciling().resume(place.bucket, "", place.soon());
    place.put("a/1", "meanwhile");
    place.delete("b/1");
    place.put("a/2", "again");
    place.index.record(place.bucket, place.events());

    Done done = reconcile("");

    assertThat(done.removed()).isLessThanOrEqualTo(1);
    assertEqualToS3();
  }

  @Test
  void goes_on_after_a_deadline() {
    Stream.of("c/1", "c/2", "d").forEach(key -> place.put(key, key));
    place.ahead = Duration.ofSeconds(5);
    var nothing = place.reconciling().resume(place.bucket, "", place.clock.instant());

    assertThat(nothing).isEqualTo(new Again(Duration.ZERO));
    assertThat(reconcile("").missed()).isEqualTo(3);
    assertEqualToS3();
  }
}
