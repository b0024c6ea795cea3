package dev.snapslice.core.time;

import java.time.Instant;

/**
 * What a reader asks to see of a bucket: all that was there at one moment, or what arrived in a
 * window.
 */
public sealed interface ViewSpec {

  /** The bucket as it was at a moment. */
  record Snapshot(Instant at) implements ViewSpec {
    @Override
    public String toString() {
      return new TimeSpec(at).toString();
    }
  }

  /**
   * What a reader of {@code from} has to read to know {@code to}, deletions aside: the window
   * (from, to].
   */
  record Slice(Instant from, Instant to) implements ViewSpec {
    public Slice {
      if (from.isAfter(to)) {
        throw new InvalidSpecException(
            new TimeSpec(from) + "-" + new TimeSpec(to), "a slice begins before it ends");
      }
    }

    @Override
    public String toString() {
      return new TimeSpec(from) + "-" + new TimeSpec(to);
    }
  }

  /** Reads {@code tm…} as a snapshot and {@code tm…-tm…} as a slice. */
  static ViewSpec parse(String text) {
    int dash = text.indexOf('-');
    return dash < 0
        ? new Snapshot(TimeSpec.parse(text).at())
        : new Slice(
            TimeSpec.parse(text.substring(0, dash)).at(),
            TimeSpec.parse(text.substring(dash + 1)).at());
  }
}
