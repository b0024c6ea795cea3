package dev.snapslice.core.bucket;

import dev.snapslice.core.bucket.Bucket.Progress;
import dev.snapslice.core.bucket.Bucket.Status;
import dev.snapslice.core.index.RecordOutcome;
import dev.snapslice.core.task.MaintenanceTask;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Gatherers;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Compares the index with S3's own list of versions, and makes the index equal. Thread-safe.
 *
 * <p>First all keys are compared in key order: versions that the index misses are recorded at once;
 * keys with any other difference are suspects. When events have had time to arrive, each suspect is
 * compared again with what S3 and the index say of it then, and only what is still different is
 * repaired. Versions younger than the start, less the margin, are not judged.
 */
public final class Reconciling {
  private static final int BATCH = 500;
  private static final int SUSPECTS = 200;
  private static final int SUSPECTS_AT_ONCE = 8;
  private static final int TRIES = 5;
  private static final Duration CHUNK = Duration.ofSeconds(10);

  private final Upkeep upkeep;
  private final Amendments amendments;
  private final Duration margin;

  /**
   * Of an installation.
   *
   * @param margin how long an event may take until it is in the index
   */
  public Reconciling(Upkeep upkeep, Amendments amendments, Duration margin) {
    this.upkeep = upkeep;
    this.amendments = amendments;
    this.margin = margin;
  }

  /** How far a run came. */
  public sealed interface Outcome {}

  /** Not to the end: run again after the delay. */
  public record Again(Duration delay) implements Outcome {}

  /**
   * Index and list are equal, as of the start.
   *
   * @param missed versions that the index did not know
   * @param surplus versions that the index took for alive and the list did not have
   * @param misdated versions whose order in the index contradicted S3's
   * @param removed surplus versions that S3, asked again, did not have either
   * @param checked keys compared
   */
  public record Done(long missed, long surplus, long misdated, long removed, long checked)
      implements Outcome {
    static final Done NOTHING = new Done(0, 0, 0, 0, 0);

    /** How many facts had to be repaired. */
    public long drift() {
      return missed + misdated + removed;
    }

    Done plus(Done more) {
      return new Done(
          missed + more.missed,
          surplus + more.surplus,
          misdated + more.misdated,
          removed + more.removed,
          checked + more.checked);
    }
  }

  /** One run's subject. */
  private record Run(Bucket bucket, S3Client s3, String prefix, Instant deadline) {
    String name() {
      return bucket.name();
    }

    /** A prefix alone fills a sort key, so whole and partial reconciles differ in the partition. */
    String work() {
      return (prefix.isEmpty() ? "reconcile#" : "reconcile-below#") + name();
    }

    String part() {
      return prefix.isEmpty() ? "all" : prefix;
    }

    String suspects() {
      return "suspects#" + work() + (prefix.isEmpty() ? "" : "#" + prefix);
    }
  }

  /**
   * Goes on with a reconcile below a prefix (empty: of the whole bucket) until the deadline, or
   * begins it. A bucket that is not active is left alone.
   */
  public Outcome resume(String name, String prefix, Instant deadline) {
    Bucket bucket = upkeep.catalog().require(name);
    if (bucket.status() != Status.ACTIVE && bucket.status() != Status.BACKFILLING) {
      return Done.NOTHING;
    }
    String claim = "reconcile#" + name;
    Duration time = Duration.between(upkeep.clock().instant(), deadline).plusMinutes(1);
    if (!upkeep.claims().take(claim, time)) {
      return new Again(Duration.ofMinutes(1));
    }
    try {
      return run(new Run(bucket, upkeep.s3().apply(bucket), prefix, deadline));
    } catch (S3Exception e) {
      throw ObstacleException.of(e, bucket);
    } finally {
      upkeep.claims().release(claim);
    }
  }

  private Outcome run(Run run) {
    Instant now = upkeep.clock().instant();
    ReconcileState state =
        upkeep
            .checkpoints()
            .get(run.work(), run.part(), ReconcileState.class)
            .orElseGet(() -> new ReconcileState(now, "", false, 0, 0, Instant.EPOCH, Done.NOTHING));
    while (!state.listed()) {
      if (!upkeep.clock().instant().isBefore(run.deadline())) {
        return new Again(Duration.ZERO);
      }
      state = save(run, compare(run, state));
    }
    while (state.judged() < state.noted()) {
      Instant ripe = state.lastNoted().plus(margin);
      Instant present = upkeep.clock().instant();
      if (present.isBefore(ripe)) {
        return new Again(Duration.between(present, ripe).plusSeconds(1));
      }
      if (!present.isBefore(run.deadline())) {
        return new Again(Duration.ZERO);
      }
      state = save(run, state.judgedOne(judge(run, state)));
    }
    finish(run, state);
    return state.counts();
  }

  private ReconcileState save(Run run, ReconcileState state) {
    upkeep.checkpoints().put(run.work(), run.part(), state);
    return state;
  }

  private Instant cutoff(ReconcileState state) {
    return state.started().minus(margin);
  }

  /** Compares keys for a while, and records what is missed. */
  private ReconcileState compare(Run run, ReconcileState state) {
    Instant end = upkeep.clock().instant().plus(CHUNK);
    Instant stop = end.isBefore(run.deadline()) ? end : run.deadline();
    Comparisons keys =
        new Comparisons(
            VersionList.of(run.s3(), run.name(), run.prefix(), state.after()),
            upkeep.index().versions(run.name(), run.prefix(), state.after()),
            cutoff(state));
    List<VersionEvent> missed = new ArrayList<>();
    List<String> suspects = new ArrayList<>();
    long surplus = 0;
    long checked = 0;
    String last = state.after();
    boolean more = true;
    while (more
        && missed.size() < BATCH
        && suspects.size() < SUSPECTS
        && upkeep.clock().instant().isBefore(stop)) {
      more = keys.hasNext();
      if (more) {
        KeyComparison key = keys.next();
        last = key.key().value();
        checked++;
        if (key.isCertain()) {
          missed.addAll(key.missed());
        } else {
          surplus += key.surplus().size();
          suspects.add(last);
        }
      }
    }
    record(run, missed, List.of());
    if (!suspects.isEmpty()) {
      upkeep
          .checkpoints()
          .put(run.suspects(), document(state.noted()), suspects.toArray(String[]::new));
    }
    ReconcileState next =
        state.compared(
            last,
            suspects.isEmpty() ? 0 : 1,
            upkeep.clock().instant(),
            new Done(missed.size(), surplus, 0, 0, checked));
    return more ? next : next.allListed();
  }

  private static String document(int number) {
    return "%08d".formatted(number);
  }

  /** What a second look at suspects brought. */
  private record Repair(
      List<VersionEvent> missed, List<VersionEvent> misdated, List<Version> removed) {}

  /** Looks again at the next document of suspects, and repairs them. */
  private Done judge(Run run, ReconcileState state) {
    String document = document(state.judged());
    String[] suspects =
        upkeep.checkpoints().get(run.suspects(), document, String[].class).orElse(new String[0]);
    List<Repair> repairs =
        List.of(suspects).stream()
            .gather(
                Gatherers.mapConcurrent(
                    SUSPECTS_AT_ONCE, key -> repair(run, new ObjectKey(key), cutoff(state))))
            .toList();
    List<VersionEvent> missed = repairs.stream().flatMap(r -> r.missed().stream()).toList();
    List<VersionEvent> misdated = repairs.stream().flatMap(r -> r.misdated().stream()).toList();
    List<Version> removed = repairs.stream().flatMap(r -> r.removed().stream()).toList();
    List<VersionEvent> facts = new ArrayList<>(missed);
    facts.addAll(misdated);
    record(run, facts, removed);
    return new Done(missed.size(), 0, misdated.size(), removed.size(), 0);
  }

  private Repair repair(Run run, ObjectKey key, Instant cutoff) {
    VersionList list = VersionList.of(run.s3(), run.name(), key.value(), "");
    // The key itself comes first among those that begin with it.
    ListedKey listed = list.hasNext() ? list.next() : new ListedKey(key, List.of());
    KeyComparison comparison =
        new KeyComparison(
            listed.key().equals(key) ? listed : new ListedKey(key, List.of()),
            upkeep.index().history(run.name(), key),
            cutoff);
    return new Repair(comparison.missed(), comparison.misdated(), comparison.surplus());
  }

  private void record(Run run, List<VersionEvent> facts, List<Version> removed) {
    Instant now = upkeep.clock().instant();
    List<VersionEvent> all = new ArrayList<>(facts);
    removed.forEach(version -> all.add(KeyComparison.removal(version, now)));
    for (int i = 0; i < all.size(); i += BATCH) {
      makeDurable(run.name(), all.subList(i, Math.min(i + BATCH, all.size())));
    }
    List<Amendment> late = new ArrayList<>();
    Optional<Instant> readable = run.bucket().history().indexedThrough();
    facts.stream()
        .filter(fact -> readable.map(through -> !fact.time().isAfter(through)).orElse(false))
        .forEach(fact -> late.add(Amendment.of(fact, now)));
    removed.forEach(version -> late.add(removal(run.bucket(), version, now)));
    amendments.record(run.name(), late);
  }

  /** S3 does not tell when a version was removed: since it was last seen. */
  private static Amendment removal(Bucket bucket, Version version, Instant now) {
    Instant since =
        bucket
            .history()
            .verifiedThrough()
            .filter(version.created()::isBefore)
            .orElse(version.created());
    return new Amendment(
        since,
        now,
        version.key().value(),
        Kind.REMOVED,
        Optional.of("removed between %s and %s".formatted(since, now)));
  }

  private void makeDurable(String name, List<VersionEvent> facts) {
    List<VersionEvent> left = facts;
    for (int i = 0; i < TRIES && !left.isEmpty(); i++) {
      RecordOutcome outcome = upkeep.index().record(name, left);
      outcome.maintain().forEach(t -> upkeep.tasks().send(new MaintenanceTask.Maintain(t)));
      left = outcome.failed();
    }
    if (!left.isEmpty()) {
      throw new IllegalStateException(
          left.size() + " facts of the bucket '" + name + "' did not get into the index");
    }
  }

  private void finish(Run run, ReconcileState state) {
    Done counts = state.counts();
    upkeep
        .catalog()
        .update(
            run.name(),
            b -> {
              Bucket verified =
                  run.prefix().isEmpty() ? b.with(b.history().verifiedThrough(cutoff(state))) : b;
              return verified.with(Progress.of(sentence(counts), counts.checked()));
            });
    upkeep.checkpoints().delete(run.suspects());
    upkeep.checkpoints().delete(run.work(), run.part());
  }

  private static String sentence(Done counts) {
    return "reconciled: %d missed, %d surplus, %d misdated, %d removed"
        .formatted(counts.missed(), counts.surplus(), counts.misdated(), counts.removed());
  }
}
