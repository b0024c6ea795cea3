package dev.snapslice.api;

import dev.snapslice.core.label.Label;
import dev.snapslice.core.label.Labels;
import dev.snapslice.core.run.RunMoments;
import dev.snapslice.core.time.TimeSpec;
import dev.snapslice.core.time.ViewSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads what callers write where a snapshot or slice is wanted: times in any form, labels, and runs
 * by their moments.
 */
final class Specs {
  /** Clocks differ; what is further ahead was not meant. */
  private static final Duration AHEAD = Duration.ofSeconds(15);

  private final Labels labels;
  private final RunMoments runs;
  private final InstantSource clock;

  /**
   * What was asked for.
   *
   * @param prefix to which a label limits it
   * @param awaited a run's moment, which is shown to nobody before the index has reached it
   */
  record Spec(ViewSpec view, String prefix, Optional<Instant> awaited) {}

  Specs(Labels labels, RunMoments runs, InstantSource clock) {
    this.labels = labels;
    this.runs = runs;
    this.clock = clock;
  }

  /** A time, a run, or a label of a snapshot. */
  Spec snapshot(String bucket, String text) {
    if (!Label.isName(text)) {
      return instant(text);
    }
    Spec spec = label(bucket, text);
    if (spec.view() instanceof ViewSpec.Snapshot) {
      return spec;
    }
    throw Problem.invalid("the label '" + text + "' names a slice, want a snapshot");
  }

  /** Two times or runs, or a label of a slice. */
  Spec slice(String bucket, String text) {
    if (!Label.isName(text)) {
      return ends(text);
    }
    Spec spec = label(bucket, text);
    if (spec.view() instanceof ViewSpec.Slice) {
      return spec;
    }
    throw Problem.invalid("the label '" + text + "' names a snapshot, want a slice");
  }

  /** Either, as they are told apart. */
  Spec either(String bucket, String text) {
    if (Label.isName(text)) {
      return label(bucket, text);
    }
    return text.contains("..") || text.matches("(tm)?[0-9]+-(tm)?[0-9]+")
        ? slice(bucket, text)
        : snapshot(bucket, text);
  }

  /** What comes between two snapshots, each a time, a run or a label. */
  Spec between(String bucket, String from, String to) {
    return between(snapshot(bucket, from), snapshot(bucket, to));
  }

  private static Spec between(Spec first, Spec last) {
    boolean longer = first.prefix().length() > last.prefix().length();
    return new Spec(
        new ViewSpec.Slice(at(first), at(last)),
        longer ? first.prefix() : last.prefix(),
        Stream.of(first, last).flatMap(spec -> spec.awaited().stream()).max(Instant::compareTo));
  }

  private static Instant at(Spec snapshot) {
    return ((ViewSpec.Snapshot) snapshot.view()).at();
  }

  private Spec label(String bucket, String name) {
    Label label =
        labels
            .get(bucket, name)
            .orElseThrow(() -> Problem.notFound("the bucket has no label '" + name + "'"));
    return new Spec(label.view(), label.prefix(), Optional.empty());
  }

  private Spec ends(String text) {
    String[] ends = text.contains("..") ? text.split("\\.\\.", -1) : text.split("-", -1);
    if (ends.length != 2) {
      throw Problem.invalid(
          "cannot read '%s': want two time specs joined by '-', or two times joined by '..'"
              .formatted(text));
    }
    return between(instant(ends[0]), instant(ends[1]));
  }

  /** The snapshot at a time that has come, or at a run's moment. */
  private Spec instant(String text) {
    Optional<Instant> run =
        RunMoments.runOf(text)
            .map(id ->
                runs.get(id).orElseThrow(() -> Problem.notFound("there is no run '" + id + "'")));
    return new Spec(new ViewSpec.Snapshot(run.orElseGet(() -> moment(text))), "", run);
  }

  private Instant moment(String text) {
    Instant moment = TimeSpec.parseAny(text).at();
    if (moment.isAfter(clock.instant().plus(AHEAD))) {
      throw Problem.invalid("'" + text + "' is in the future: nothing is known of it");
    }
    return moment;
  }
}
