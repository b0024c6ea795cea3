package dev.snapslice.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.bucket.Bucket.Progress;
import dev.snapslice.core.bucket.Bucket.Status;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.bucket.Claims;
import dev.snapslice.core.bucket.Location;
import dev.snapslice.core.task.MaintenanceTask;
import dev.snapslice.core.testing.LocalDynamo;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScheduleTest {
  private Instant now = Instant.parse("2026-11-24T09:00:00Z");
  private final InstantSource clock = () -> now;
  private final String table = LocalDynamo.newCatalogTable();
  private final BucketCatalog catalog = new BucketCatalog(LocalDynamo.client(), table, clock);
  private final List<MaintenanceTask> sent = new ArrayList<>();
  private int looks;
  private final Schedule schedule =
      new Schedule(
          catalog,
          new Claims(LocalDynamo.client(), table, clock),
          () -> looks++,
          sent::add,
          clock);

  private void bucket(Status status) {
    Bucket bucket =
        Bucket.registered("photos", new Location.OwnAccount(), Optional.empty(), now);
    catalog.put(bucket.with(status, Progress.of("step", 0)));
  }

  private void passes(Duration time) {
    now = now.plus(time);
    sent.clear();
  }

  @Test
  void looks_at_the_queues_every_time() {
    schedule.tick();
    schedule.tick();

    assertThat(looks).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource(names = {"ENABLING", "SETTLING", "BACKFILLING", "DISABLING"})
  void moves_a_bucket_on_that_stands_still(Status status) {
    bucket(status);

    schedule.tick();
    assertThat(sent).isEmpty();

    passes(Schedule.STANDSTILL.plusSeconds(1));
    schedule.tick();
    schedule.tick();
    assertThat(sent)
        .containsExactly(
            switch (status) {
              case BACKFILLING -> new MaintenanceTask.Backfill("photos");
              case DISABLING -> new MaintenanceTask.Disable("photos");
              default -> new MaintenanceTask.Enable("photos");
            });
  }

  @Test
  void has_an_active_bucket_reconciled_and_swept_now_and_then() {
    bucket(Status.ACTIVE);

    schedule.tick();
    assertThat(sent)
        .containsExactlyInAnyOrder(
            new MaintenanceTask.Reconcile("photos", ""), new MaintenanceTask.Sweep("photos"));

    passes(Duration.ofMinutes(1));
    schedule.tick();
    assertThat(sent).isEmpty();

    passes(Schedule.SWEEP_EVERY);
    schedule.tick();
    assertThat(sent).containsExactly(new MaintenanceTask.Sweep("photos"));

    passes(Schedule.RECONCILE_EVERY);
    schedule.tick();
    assertThat(sent).contains(new MaintenanceTask.Reconcile("photos", ""));
  }

  @Test
  void leaves_a_disabled_bucket_alone() {
    bucket(Status.DISABLED);

    passes(Duration.ofDays(2));
    schedule.tick();

    assertThat(sent).isEmpty();
  }
}
