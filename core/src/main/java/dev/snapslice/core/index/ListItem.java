package dev.snapslice.core.index;

import dev.snapslice.core.version.Version;

/** What a page of a listing holds. */
public sealed interface ListItem {

  /**
   * A key that the view contains. Where {@link Version#removed} is present the version was removed
   * after the view's moment: the entry is <em>purged</em>, it was there and its bytes are gone.
   */
  record Entry(Version version) implements ListItem {
    public boolean purged() {
      return version.removed().isPresent();
    }
  }

  /** All keys that begin so, rolled up by the delimiter. */
  record CommonPrefix(String prefix) implements ListItem {}
}
