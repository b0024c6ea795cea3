package dev.snapslice.core.label;

import dev.snapslice.core.access.Grant;
import dev.snapslice.core.time.ViewSpec;
import java.time.Instant;

/**
 * An immutable name for what a bucket shows at a moment or in a window.
 *
 * @param name {@code [a-z0-9-]{1,32}}, and nothing that reads as a time
 * @param view what it names
 * @param prefix only keys that begin so; empty for all
 * @param owner who made it
 * @param note in the owner's words
 */
public record Label(
    String bucket,
    String name,
    ViewSpec view,
    String prefix,
    String owner,
    String note,
    Instant created) {

  public Label {
    if (!isName(name)) {
      throw new IllegalArgumentException(
          "'"
              + name
              + "' is not a label's name: want 1 to 32 of a-z, 0-9 and -, and nothing that reads"
              + " as a time");
    }
  }

  /** Whether a text may be a label's name: where a spec is wanted it cannot be mistaken. */
  public static boolean isName(String text) {
    return text.matches("[a-z0-9-]{1,32}")
        && !text.matches("[0-9]+(-[0-9]+)?|tm[0-9]+(-.*)?|.*-tm[0-9]+");
  }

  /** Whether a grant covers all that it shows. */
  public boolean coveredBy(Grant grant) {
    return grant.coversPrefix(prefix)
        && grant.coversMoment(end())
        && switch (view) {
          case ViewSpec.Snapshot snapshot -> true;
          case ViewSpec.Slice slice -> grant.coversMoment(slice.from());
        };
  }

  /** The newest moment that it shows. */
  public Instant end() {
    return switch (view) {
      case ViewSpec.Snapshot snapshot -> snapshot.at();
      case ViewSpec.Slice slice -> slice.to();
    };
  }
}
