package dev.snapslice.core.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.bucket.Bucket.Status;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.task.MaintenanceTask;
import dev.snapslice.core.testing.Crash;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.testing.Moto;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Gatherers;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.CompletedPart;

class BackfillingTest {
  @RegisterExtension static final Moto MOTO = new Moto();

  private final Workplace place = new Workplace(MOTO);

  @Test
  void brings_in_keys_of_every_kind() {
    place.put("null version", "before versioning");
    place.versioned();
    place.put("//", "1");
    place.put("/leading", "2");
    place.put("a//b", "3");
    place.put("a/../b/./c", "4");
    place.put("a\u0001b\u001f", "5");
    place.put("plus+percent%20 blank&<>\"'", "6");
    place.put("grüße/日本/\uD83D\uDE00", "7");
    place.put("a/twice in a second", "8");
    place.put("a/twice in a second", "9");
    place.put("b/deleted", "10");
    place.delete("b/deleted");
    place.put("b/deleted and put", "11");
    place.delete("b/deleted and put");
    place.put("b/deleted and put", "12");
    multipart("c/multipart");
    place.wanted();
    place.enabling().enable(place.bucket);

    Optional<Duration> again = place.backfilling().resume(place.bucket, place.soon());

    assertThat(again).isEmpty();
    assertThat(place.now().status()).isEqualTo(Status.ACTIVE);
    assertThat(place.now().history().complete()).isTrue();
    assertThat(place.now().progress().done()).isEqualTo(16);
    assertThat(place.indexed()).isEqualTo(place.listed());
    assertThat(place.snapshot()).isEqualTo(place.present());
    assertThat(place.indexed().get("null version")).containsExactly("null");
  }

  private void multipart(String key) {
    String upload = place.s3.createMultipartUpload(r -> r.bucket(place.bucket).key(key)).uploadId();
    String etag =
        place
            .s3
            .uploadPart(
                r -> r.bucket(place.bucket).key(key).uploadId(upload).partNumber(1),
                RequestBody.fromString("part"))
            .eTag();
    place.s3.completeMultipartUpload(r ->
        r.bucket(place.bucket)
            .key(key)
            .uploadId(upload)
            .multipartUpload(
                m -> m.parts(CompletedPart.builder().partNumber(1).eTag(etag).build())));
  }

  @Test
  void asks_to_maintain_every_tablet_it_has_built() {
    place.versioned();
    place.put("a/1", "1");
    place.enabled();
    place.tasks();

    place.backfilling().resume(place.bucket, place.soon());

    assertThat(place.tasks()).isNotEmpty().allMatch(MaintenanceTask.Maintain.class::isInstance);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void goes_on_after_a_crash_at_any_call_while_events_arrive(boolean withEffect) {
    int crashes = 0;
    for (boolean crashed = true; crashed; crashes++) {
      Workplace one = new Workplace(MOTO);
      one.versioned();
      for (String key : List.of("a/1", "a/2", "b/1", "c")) {
        one.put(key, key);
        one.put(key, key + " again");
      }
      one.enabled();
      crashed = crashes(one, crashes + 1, withEffect);
      one.put("a/2", "meanwhile");
      one.delete("b/1");
      one.put("b/new", "meanwhile");
      TimeIndex writer = new TimeIndex(LocalDynamo.client(), one.indexTable, one.clock);
      assertThat(writer.record(one.bucket, one.events()).failed()).isEmpty();
      one.ahead = Duration.ofMinutes(10);

      one.backfilling().resume(one.bucket, one.soon());

      assertThat(one.now().status()).isEqualTo(Status.ACTIVE);
      assertThat(one.indexed())
          .as("after a crash at call %d: %s", crashes + 1, one.history("b/1"))
          .isEqualTo(one.listed());
      assertThat(one.snapshot()).isEqualTo(one.present());
    }
    assertThat(crashes).isGreaterThan(20);
  }

  private static boolean crashes(Workplace at, int call, boolean withEffect) {
    at.crash.at(call, withEffect);
    try {
      at.backfilling().resume(at.bucket, at.soon());
      return false;
    } catch (Crash.CrashedException e) {
      return true;
    } finally {
      at.crash.restart();
    }
  }

  @Test
  void stops_at_its_deadline_and_goes_on_later() {
    place.versioned();
    putMany("one/", 1_300);
    place.enabled();

    // The clock is past the deadline when the second page is read.
    PageCounter pages = new PageCounter(place);
    place.fault = pages::over;
    pages.lateFrom(2);
    Optional<Duration> again = place.backfilling().resume(place.bucket, place.soon());

    assertThat(again).contains(Duration.ZERO);
    assertThat(place.now().status()).isEqualTo(Status.BACKFILLING);

    pages.lateFrom(Integer.MAX_VALUE);
    place.ahead = Duration.ofHours(1);
    again = place.backfilling().resume(place.bucket, place.soon());

    assertThat(again).isEmpty();
    assertThat(place.now().status()).isEqualTo(Status.ACTIVE);
    assertThat(place.now().progress().done()).isEqualTo(1_300);
    assertThat(place.indexed()).isEqualTo(place.listed());
  }

  private void putMany(String prefix, int many) {
    IntStream.range(0, many)
        .boxed()
        .gather(Gatherers.mapConcurrent(8, i -> place.put(prefix + "%05d".formatted(i), "x")))
        .forEach(id -> {});
  }

  @Test
  void a_bucket_that_was_off_for_a_while_is_compared_with_s3_before_it_is_active() {
    place.versioned();
    place.put("kept", "1");
    String gone = place.put("gone", "2");
    place.enabled();
    place.backfilling().resume(place.bucket, place.soon());
    place.unwanted();
    place.enabling().disable(place.bucket);
    place.put("new", "3");
    place.remove("gone", gone);
    place.ahead = Duration.ofSeconds(5);

    place.wanted();
    place.enabling().enable(place.bucket);
    finish(place);

    assertThat(place.now().setup().warnings()).anySatisfy(w -> assertThat(w).contains("No events"));
    assertThat(place.indexed()).isEqualTo(place.listed());
    assertThat(place.snapshot()).isEqualTo(place.present());
  }

  @Test
  void a_backfill_that_a_disable_interrupted_is_followed_by_a_reconcile() {
    place.versioned();
    String gone = place.put("a/gone", "1");
    place.put("b/kept", "2");
    place.enabled();
    // Of the calls of a backfill the last ones come when all is durable.
    place.crash.at(30, false);
    try {
      place.backfilling().resume(place.bucket, place.soon());
    } catch (Crash.CrashedException e) {
      place.crash.restart();
    }
    place.crash.restart();
    place.unwanted();
    place.enabling().disable(place.bucket);
    place.remove("a/gone", gone);
    place.put("a/new", "3");

    place.ahead = Duration.ofMinutes(10);
    place.wanted();
    place.enabling().enable(place.bucket);
    finish(place);

    assertThat(place.indexed()).isEqualTo(place.listed());
  }

  private static void finish(Workplace place) {
    for (int i = 0; place.now().status() != Status.ACTIVE; i++) {
      assertThat(i).isLessThan(10);
      place.backfilling().resume(place.bucket, place.soon());
      place.ahead = place.ahead.plusSeconds(5);
    }
  }

  @Test
  void versions_of_one_second_keep_the_order_of_s3() {
    place.versioned();
    for (int i = 0; i < 20; i++) {
      place.put("key", "" + i);
    }
    place.enabled();

    place.backfilling().resume(place.bucket, place.soon());

    List<Version> history = place.index.history(place.bucket, new ObjectKey("key"));
    assertThat(history.stream().map(Version::versionId))
        .containsExactlyElementsOf(place.listed().get("key"));
    assertThat(history.getFirst().created()).isBefore(Instant.now().plusSeconds(1));
  }
}
