package dev.snapslice.core.view;

import dev.snapslice.core.label.Label;
import dev.snapslice.core.label.Labels;
import dev.snapslice.core.run.RunMoments;
import dev.snapslice.core.time.ViewSpec;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the specs stand for that are written in URIs: a time or two of them, {@code label-NAME}, or
 * {@code run-ID}. Thread-safe.
 */
public final class NamedViews {
  private static final String LABEL = "label-";

  private final Labels labels;
  private final Function<String, Optional<Instant>> moments;

  /** A view, and the prefix to which a label limits it. */
  public record Named(ViewSpec view, String prefix) {}

  /** Moments: of runs, by their ids. */
  public NamedViews(Labels labels, Function<String, Optional<Instant>> moments) {
    this.labels = labels;
    this.moments = moments;
  }

  /**
   * The view of a bucket that a spec names.
   *
   * @throws UnknownNameException if there is no such label or run
   * @throws dev.snapslice.core.time.InvalidSpecException if it is none of all that
   */
  public Named of(String bucket, String spec) {
    if (spec.startsWith(LABEL)) {
      String name = spec.substring(LABEL.length());
      Label label =
          labels
              .get(bucket, name)
              .orElseThrow(
                  () -> new UnknownNameException("The bucket has no label '" + name + "'."));
      return new Named(label.view(), label.prefix());
    }
    Optional<String> run = RunMoments.runOf(spec);
    if (run.isEmpty()) {
      return new Named(ViewSpec.parse(spec), "");
    }
    Instant moment =
        moments
            .apply(run.get())
            .orElseThrow(() -> new UnknownNameException("There is no run '" + run.get() + "'."));
    return new Named(new ViewSpec.Snapshot(moment), "");
  }

  /** There is no label, or no run, of a name; the message says which. */
  public static final class UnknownNameException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnknownNameException(String message) {
      super(message, null, false, false);
    }
  }
}
