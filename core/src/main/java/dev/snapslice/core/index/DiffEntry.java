package dev.snapslice.core.index;

import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import java.util.List;
import java.util.Optional;

/**
 * A key whose current version differs between two snapshots.
 *
 * @param before its version in the first snapshot, empty if it was not there
 * @param after its version in the second, empty if it is not there
 * @param between the versions and delete markers that came in between, newest first
 */
public record DiffEntry(
    ObjectKey key, Optional<Version> before, Optional<Version> after, List<Version> between) {

  /** How the second snapshot differs from the first. */
  public enum Change {
    ADDED,
    MODIFIED,
    DELETED
  }

  public Change change() {
    if (before.isEmpty()) {
      return Change.ADDED;
    }
    return after.isEmpty() ? Change.DELETED : Change.MODIFIED;
  }
}
