package dev.snapslice.core.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.snapslice.core.bucket.Bucket.Progress;
import dev.snapslice.core.bucket.Bucket.Status;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.VersionEvent;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BucketCatalogTest {
  private static final Instant NOW = Instant.parse("2026-11-24T09:00:00.123Z");

  private final String table = LocalDynamo.newCatalogTable();
  private final BucketCatalog catalog = new BucketCatalog(LocalDynamo.client(), table, () -> NOW);
  private final Amendments amendments = new Amendments(LocalDynamo.client(), table);

  @Test
  void keeps_buckets_of_every_location() {
    Bucket own = catalog.put(bucket("own"));
    Bucket role =
        catalog.put(
            Bucket.registered(
                "other",
                new Location.OtherAccount("arn:aws:iam::123456789012:role/reader", "id-1"),
                Optional.empty(),
                NOW));
    Bucket store =
        catalog.put(
            Bucket.registered(
                "store",
                new Location.OtherStore(URI.create("https://minio.example:9000"), "eu", "secret"),
                Optional.of("hash"),
                NOW));

    assertThat(catalog.list()).containsExactly(role, own, store);
    assertThat(catalog.get("store")).contains(store);
    assertThat(catalog.get("none")).isEmpty();
  }

  @Test
  void refuses_to_write_over_what_it_has_not_read() {
    Bucket first = catalog.put(bucket("photos"));
    catalog.put(first.with(Progress.of("a", 1)));

    assertThatThrownBy(() -> catalog.put(first.with(Progress.of("b", 2))))
        .isInstanceOf(BucketCatalog.StaleBucketException.class);
    assertThatThrownBy(() -> catalog.put(bucket("photos")))
        .isInstanceOf(BucketCatalog.StaleBucketException.class);
  }

  @Test
  void an_update_meets_the_newest_row() {
    catalog.put(bucket("photos"));

    for (int i = 0; i < 3; i++) {
      catalog.update("photos", b -> b.with(Progress.of("x", b.progress().done() + 1)));
    }

    assertThat(catalog.require("photos").progress().done()).isEqualTo(3);
    assertThatThrownBy(() -> catalog.require("none")).hasMessageContaining("'none'");
  }

  @Test
  void a_removed_bucket_is_gone() {
    catalog.put(bucket("photos"));

    catalog.remove("photos");

    assertThat(catalog.list()).isEmpty();
  }

  @Test
  void amendments_are_counted_beside_the_bucket() {
    Bucket seen = catalog.put(bucket("photos"));

    amendments.record("photos", IntStream.range(0, 450).mapToObj(i -> late("k" + i, NOW)).toList());
    catalog.put(seen.with(Status.ENABLING, Progress.of("x", 0)));

    Bucket now = catalog.require("photos");
    assertThat(now.amended()).isEqualTo(new Bucket.Amended(450, Optional.of(NOW)));
    assertThat(now.status()).isEqualTo(Status.ENABLING);
    assertThat(amendments.since("photos", NOW.minusMillis(1))).hasSize(450);
    assertThat(amendments.since("photos", NOW)).isEmpty();
  }

  @Test
  void an_amendment_touches_views_after_its_time_below_their_prefix() {
    catalog.put(bucket("photos"));
    Instant time = NOW.minusSeconds(60);
    amendments.record("photos", List.of(late("a/1", time)));

    assertThat(amendments.touches("photos", time, "a/", NOW.minusMillis(1))).isTrue();
    assertThat(amendments.touches("photos", time.minusMillis(1), "", NOW.minusMillis(1))).isFalse();
    assertThat(amendments.touches("photos", NOW, "b/", NOW.minusMillis(1))).isFalse();
    assertThat(amendments.touches("photos", NOW, "", NOW)).isFalse();
  }

  private static Bucket bucket(String name) {
    return Bucket.registered(name, new Location.OwnAccount(), Optional.empty(), NOW);
  }

  private static Amendment late(String key, Instant time) {
    return Amendment.of(
        new VersionEvent(
            new ObjectKey(key),
            "v1",
            VersionEvent.Kind.CREATED,
            time,
            "",
            "e",
            1,
            VersionEvent.Source.EVENT),
        NOW);
  }
}
