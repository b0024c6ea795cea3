package dev.snapslice.mlflow.tracking;

import dev.snapslice.core.job.FanOut;
import dev.snapslice.mlflow.table.Deadline;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.OpenRuns.OpenRun;
import dev.snapslice.mlflow.tracking.RunPack.Entry;
import dev.snapslice.mlflow.tracking.RunPacks.Manifest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Packs runs that nobody changes any more, so that searches need not read them one by one. It may
 * stop anywhere: a run stays open until a manifest lists a pack that has it, and both may be true.
 *
 * <p>Who changes a run opens it first, if it is sealed, and takes no longer than {@link #SETTLED}
 * for both. So a run that was sealed and open for longer is read as it stays; and if somebody opens
 * it afterwards, its new mark keeps it open. One at a time works; a second one loses, and harms
 * nothing.
 */
public final class RunPacker {
  /** Longer than any request lives: API Gateway gives it 30 seconds, and Lambda less. */
  static final Duration SETTLED = Duration.ofMinutes(2);

  /** Runs that nobody has ended are sealed nevertheless: what comes later opens them again. */
  static final Duration ABANDONED = Duration.ofDays(1);

  /** An item of DynamoDB has at most 400 KB. */
  private static final int MOST_BYTES = 380_000;

  private static final int RUNS_AT_ONCE = 2_000;
  private static final int READS_AT_ONCE = 32;

  private final OpenRuns open;
  private final Runs runs;
  private final RunPacks packs;
  private final TrackingTable table;
  private final Experiments experiments;
  private final InstantSource clock;
  private final FanOut reads = new FanOut(READS_AT_ONCE);

  public RunPacker(TrackingTable table, Experiments experiments, Runs runs, InstantSource clock) {
    this.open = runs.open();
    this.packs = new RunPacks(table);
    this.table = table;
    this.experiments = experiments;
    this.runs = runs;
    this.clock = clock;
  }

  /** What is to become of an open run. */
  private sealed interface Fate {
    /** Somebody may change it just now. */
    record Stays() implements Fate {}

    /** Who was to create it has died in between, or it was cleaned up. */
    record Goes(OpenRun run) implements Fate {}

    record Packed(OpenRun run, RunItems items) implements Fate {}
  }

  /**
   * Packs what is settled, and tells how many runs that were.
   *
   * @param deadline after which none are begun
   * @throws RuntimeException when all others are done, if something failed with some
   */
  public int pack(Deadline deadline) {
    Map<String, List<OpenRun>> byExperiment =
        open.all().stream()
            .filter(run -> settled(run.since()))
            .collect(Collectors.groupingBy(OpenRun::experimentId));
    int packed = 0;
    Optional<RuntimeException> failed = Optional.empty();
    for (var each : byExperiment.entrySet()) {
      try {
        packed += pack(each.getKey(), each.getValue(), deadline);
      } catch (RuntimeException e) {
        failed.ifPresent(e::addSuppressed);
        failed = Optional.of(e);
      }
    }
    if (failed.isPresent()) {
      throw failed.get();
    }
    return packed;
  }

  private int pack(String experimentId, List<OpenRun> runs, Deadline deadline) {
    Optional<Experiment> experiment = experiments.read(experimentId);
    if (experiment.isEmpty()) {
      // It is being cleaned up, with all its runs. Who turned one just then has opened it again.
      reads.map(runs.stream().filter(this::isForgotten).toList(), open::close);
      return 0;
    }
    int packed = 0;
    for (int from = 0; from < runs.size() && !deadline.passed(); from += RUNS_AT_ONCE) {
      packed +=
          pack(experiment.get(), runs.subList(from, Math.min(from + RUNS_AT_ONCE, runs.size())));
    }
    return packed;
  }

  private boolean isForgotten(OpenRun run) {
    return run.since().plus(ABANDONED).isBefore(clock.instant())
        && Stream.of(RunItems.partition(run.runId()), Metrics.histories(run.runId()))
            .allMatch(partition -> table.stream(partition).findAny().isEmpty());
  }

  private boolean settled(Instant since) {
    return since.plus(SETTLED).isBefore(clock.instant());
  }

  private int pack(Experiment experiment, List<OpenRun> candidates) {
    Manifest manifest = packs.manifest(experiment.id());
    List<OpenRun> closed = new ArrayList<>();
    List<Entry> entries = new ArrayList<>();
    Set<String> gone = new HashSet<>();
    for (Fate fate : reads.map(candidates, this::fate)) {
      switch (fate) {
        case Fate.Stays() -> {}
        case Fate.Goes(OpenRun run) -> {
          closed.add(run);
          gone.add(run.runId());
        }
        case Fate.Packed(OpenRun run, RunItems items) -> {
          closed.add(run);
          entries.add(items.entry(experiment, manifest.revision() + 1));
        }
      }
    }
    Batch fresh = new Batch();
    fresh.add(entries);
    Set<String> lingering = lingering(experiment, manifest, gone);
    closed.removeIf(run -> fresh.tooLarge.contains(run.runId()) || lingering.contains(run.runId()));
    if (!publish(experiment, manifest, fresh, gone)) {
      return 0;
    }
    reads.map(closed, open::close);
    return entries.size() - fresh.tooLarge.size();
  }

  /**
   * Of runs that are gone those that some pack still has, listed or replaced: they stay open, so
   * that the packer comes back until none has.
   */
  private Set<String> lingering(Experiment experiment, Manifest manifest, Set<String> gone) {
    Set<String> lingering = new HashSet<>();
    if (!gone.isEmpty()) {
      packs.view(experiment.id()).packs().values().forEach(p -> lingering.addAll(p.those(gone)));
      manifest.replaced().keySet().stream()
          .flatMap(name -> packs.read(name).stream())
          .forEach(pack -> lingering.addAll(pack.those(gone)));
    }
    return lingering;
  }

  private Fate fate(OpenRun run) {
    Optional<RunItems> found = runs.items(run.runId());
    if (found.isEmpty()) {
      return new Fate.Goes(run);
    }
    Optional<Instant> sealed = found.get().sealed();
    if (sealed.isEmpty() && run.since().plus(ABANDONED).isBefore(clock.instant())) {
      runs.seal(run.runId());
    }
    return sealed.filter(this::settled).isPresent()
        ? new Fate.Packed(run, found.get())
        : new Fate.Stays();
  }

  /** Entries as they are packed: as many packs as it takes. */
  private static final class Batch {
    private final List<byte[]> packs = new ArrayList<>();
    private final Set<String> tooLarge = new HashSet<>();

    void add(List<Entry> entries) {
      if (entries.isEmpty()) {
        return;
      }
      byte[] pack = RunPack.pack(entries);
      if (pack.length <= MOST_BYTES) {
        packs.add(pack);
      } else if (entries.size() == 1) {
        tooLarge.add(entries.getFirst().run().id());
      } else {
        add(entries.subList(0, entries.size() / 2));
        add(entries.subList(entries.size() / 2, entries.size()));
      }
    }

    long bytes() {
      return packs.stream().mapToLong(pack -> pack.length).sum();
    }
  }

  /**
   * Lists new packs, and in them what small ones had, so that there are never many of those, and
   * what those had that are to lose a run.
   */
  private boolean publish(Experiment experiment, Manifest manifest, Batch fresh, Set<String> gone) {
    Map<String, Long> listed = new HashMap<>(manifest.packs());
    Map<String, Entry> merged = new TreeMap<>();
    if (!gone.isEmpty()) {
      packs
          .view(experiment.id())
          .packs()
          .forEach((name, pack) -> {
            if (!pack.those(gone).isEmpty() && listed.remove(name) != null) {
              addTo(merged, pack, experiment);
            }
          });
    }
    if (fresh.packs.isEmpty()
        && merged.isEmpty()
        && (gone.isEmpty() || manifest.replaced().isEmpty())) {
      return true;
    }
    long bytes = fresh.bytes();
    for (var small : smallest(listed)) {
      if (small.getValue() > 2 * bytes || small.getValue() + bytes > MOST_BYTES) {
        break;
      }
      bytes += small.getValue();
      listed.remove(small.getKey());
      addTo(merged, packs.read(small.getKey()).orElseThrow(), experiment);
    }
    Batch written = fresh;
    if (listed.size() < manifest.packs().size()) {
      fresh.packs.forEach(pack -> addTo(merged, RunPack.unpack(pack), experiment));
      merged.keySet().removeAll(gone);
      written = new Batch();
      written.add(List.copyOf(merged.values()));
    }
    for (byte[] pack : written.packs) {
      listed.put(packs.put(pack), (long) pack.length);
    }
    Map<String, Long> replaced = new HashMap<>(manifest.replaced());
    manifest.packs().keySet().stream()
        .filter(name -> !listed.containsKey(name))
        .forEach(name -> replaced.put(name, clock.millis()));
    replaced.entrySet().removeIf(this::swept);
    return packs.replace(experiment.id(), new Manifest(manifest.revision() + 1, listed, replaced));
  }

  private static List<Map.Entry<String, Long>> smallest(Map<String, Long> packs) {
    return packs.entrySet().stream().sorted(Map.Entry.comparingByValue()).toList();
  }

  private static void addTo(Map<String, Entry> entries, RunPack pack, Experiment experiment) {
    for (int row = 0; row < pack.size(); row++) {
      Entry entry = pack.entry(row, experiment);
      entries.merge(entry.run().id(), entry, (a, b) -> b.revision() > a.revision() ? b : a);
    }
  }

  /** Nobody reads a pack any more that a manifest of long ago has listed last. */
  private boolean swept(Map.Entry<String, Long> replaced) {
    boolean due = settled(Instant.ofEpochMilli(replaced.getValue()));
    if (due) {
      packs.delete(replaced.getKey());
    }
    return due;
  }
}
