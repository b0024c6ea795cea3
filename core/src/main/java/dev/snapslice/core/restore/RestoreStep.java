package dev.snapslice.core.restore;

import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import java.util.List;

/** What has to be done about one key. */
public sealed interface RestoreStep {

  /**
   * Only delete markers lie above the wanted version: remove them.
   *
   * @param markers their version ids, newest first; none is {@code "null"}, since that name may
   *     mean data by the time of the removal
   */
  record Undelete(Version version, List<String> markers) implements RestoreStep {
    @Override
    public ObjectKey key() {
      return version.key();
    }
  }

  /** Copy the wanted version over {@code current}, which may be a delete marker. */
  record CopyBack(Version version, Version current) implements RestoreStep {
    @Override
    public ObjectKey key() {
      return version.key();
    }

    @Override
    public long bytes() {
      return version.size();
    }
  }

  /** The key was not there: set a delete marker over {@code current}. */
  record Hide(Version current) implements RestoreStep {
    @Override
    public ObjectKey key() {
      return current.key();
    }
  }

  /** Copy the version to another place. */
  record CopyTo(Version version) implements RestoreStep {
    @Override
    public ObjectKey key() {
      return version.key();
    }

    @Override
    public long bytes() {
      return version.size();
    }
  }

  /** The wanted version was permanently removed: nothing can be done. */
  record Purged(Version version) implements RestoreStep {
    @Override
    public ObjectKey key() {
      return version.key();
    }
  }

  /** The key in the bucket whose history it is. */
  ObjectKey key();

  /** How many bytes S3 has to copy. */
  default long bytes() {
    return 0;
  }
}
