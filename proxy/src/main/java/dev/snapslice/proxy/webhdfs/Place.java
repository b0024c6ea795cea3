package dev.snapslice.proxy.webhdfs;

import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.proxy.view.Views.View;

/** What a path names. */
sealed interface Place {

  /** The directory of all buckets. */
  record Root() implements Place {}

  /** The directory of a bucket's snapshots, {@code /bucket/.snapshot}: its labels. */
  record Snapshots(Bucket bucket) implements Place {}

  /**
   * A file or directory of a view, or nothing.
   *
   * @param key without a slash at its end; empty for the bucket
   */
  record InView(View view, String key) implements Place {

    /** How the keys begin that are below it, if it is a directory. */
    String below() {
      return key.isEmpty() ? "" : key + "/";
    }
  }
}
