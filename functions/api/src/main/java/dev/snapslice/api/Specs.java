package dev.snapslice.api;

import dev.snapslice.core.label.Label;
import dev.snapslice.core.label.Labels;
import dev.snapslice.core.time.TimeSpec;
import dev.snapslice.core.time.ViewSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Reads what callers write where a snapshot or slice is wanted: times in any form, or a label. */
final class Specs {
  /** Clocks differ; what is further ahead was not meant. */
  private static final Duration AHEAD = Duration.ofSeconds(15);

  private final Labels labels;
  private final InstantSource clock;

  /** What was asked for, and the prefix to which a label limits it. */
  record Spec(ViewSpec view, String prefix) {}

  Specs(Labels labels, InstantSource clock) {
    this.labels = labels;
    this.clock = clock;
  }

  /** A time, or a label of a snapshot. */
  Spec snapshot(String bucket, String text) {
    if (!Label.isName(text)) {
      return new Spec(new ViewSpec.Snapshot(moment(text)), "");
    }
    Spec spec = label(bucket, text);
    if (spec.view() instanceof ViewSpec.Snapshot) {
      return spec;
    }
    throw Problem.invalid("the label '" + text + "' names a slice, want a snapshot");
  }

  /** Two times, or a label of a slice. */
  Spec slice(String bucket, String text) {
    if (!Label.isName(text)) {
      return new Spec(times(text), "");
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

  /** What comes between two snapshots, each a time or a label. */
  Spec between(String bucket, String from, String to) {
    Spec first = snapshot(bucket, from);
    Spec last = snapshot(bucket, to);
    boolean longer = first.prefix().length() > last.prefix().length();
    return new Spec(
        new ViewSpec.Slice(at(first), at(last)), longer ? first.prefix() : last.prefix());
  }

  private static Instant at(Spec snapshot) {
    return ((ViewSpec.Snapshot) snapshot.view()).at();
  }

  private Spec label(String bucket, String name) {
    Label label =
        labels
            .get(bucket, name)
            .orElseThrow(() -> Problem.notFound("the bucket has no label '" + name + "'"));
    return new Spec(label.view(), label.prefix());
  }

  private ViewSpec times(String text) {
    String[] ends = text.contains("..") ? text.split("\\.\\.", -1) : text.split("-", -1);
    if (ends.length != 2) {
      throw Problem.invalid(
          "cannot read '%s': want two time specs joined by '-', or two times joined by '..'"
              .formatted(text));
    }
    return new ViewSpec.Slice(moment(ends[0]), moment(ends[1]));
  }

  /** A time that has come. */
  Instant moment(String text) {
    Instant moment = TimeSpec.parseAny(text).at();
    if (moment.isAfter(clock.instant().plus(AHEAD))) {
      throw Problem.invalid("'" + text + "' is in the future: nothing is known of it");
    }
    return moment;
  }
}
