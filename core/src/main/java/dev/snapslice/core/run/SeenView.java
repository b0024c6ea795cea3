package dev.snapslice.core.run;

import dev.snapslice.core.time.ViewSpec;
import dev.snapslice.core.view.NamedViews.Named;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a run has read of a bucket, as a tag of its dataset notes it: {@code
 * s3://BUCKET.tm20261124093000/KEY}, with times in place of labels and runs.
 *
 * @param path a key, or what keys below it begin with; all keys that begin with what stands before
 *     a last {@code *}; all keys if empty
 */
public record SeenView(String bucket, ViewSpec spec, String path) {
  private static final String SNAPSHOT_TAG = "snapslice.snapshot";
  private static final String SLICE_TAG = "snapslice.slice";

  /** The tags of a dataset by which a view is noted. */
  public static final Set<String> TAGS = Set.of(SNAPSHOT_TAG, SLICE_TAG);

  private static final String ALL_THAT = "*";
  private static final Pattern FORM =
      Pattern.compile("s3://([^/]+)\\.(tm[0-9]+(?:-tm[0-9]+)?)/(.*)", Pattern.DOTALL);

  /**
   * What of a view a path names; empty if a label leaves nothing of it.
   *
   * @param path may be shorter than what a label is limited to
   */
  public static Optional<SeenView> of(String bucket, Named named, String path) {
    if (path.startsWith(named.prefix())) {
      return Optional.of(new SeenView(bucket, named.view(), path));
    }
    return named.prefix().startsWith(path)
        ? Optional.of(new SeenView(bucket, named.view(), named.prefix() + ALL_THAT))
        : Optional.empty();
  }

  /** Reads what {@link #toString} has written. */
  public static SeenView parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "cannot read '" + text + "': want s3://BUCKET.TIME/PATH, as a dataset's tag has it");
    }
    return new SeenView(form.group(1), ViewSpec.parse(form.group(2)), form.group(3));
  }

  /** The tag that notes it. */
  public String tag() {
    return switch (spec) {
      case ViewSpec.Snapshot snapshot -> SNAPSHOT_TAG;
      case ViewSpec.Slice slice -> SLICE_TAG;
    };
  }

  /** Its last moment. */
  public Instant end() {
    return switch (spec) {
      case ViewSpec.Snapshot snapshot -> snapshot.at();
      case ViewSpec.Slice slice -> slice.to();
    };
  }

  /** How all keys begin that it may hold, if its path is no key itself. */
  public String prefix() {
    boolean whole = path.isEmpty() || path.endsWith("/") || path.endsWith(ALL_THAT);
    return whole ? beginning() : path + "/";
  }

  /** How all keys begin that it may hold, its path among them. */
  public String beginning() {
    return path.endsWith(ALL_THAT) ? path.substring(0, path.length() - ALL_THAT.length()) : path;
  }

  @Override
  public String toString() {
    return "s3://" + bucket + "." + spec + "/" + path;
  }
}
