package dev.snapslice.core.index;

import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.time.Instant;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/**
 * One fact about one version, as pages and tail chunks hold it.
 *
 * @param time of the fact, epoch milliseconds: of a version, when it became visible
 * @param sequencer in upper case without trailing zeros, so that plain string order is S3's order
 * @param removed when the version was permanently removed, {@link #NEVER} if that is not known
 */
record Row(
    String key,
    String versionId,
    Kind kind,
    long time,
    String sequencer,
    String etag,
    long size,
    Source source,
    long removed) {
  static final long NEVER = Long.MAX_VALUE;

  /** The one total order of a key's versions: time, then sequencer, then version id. */
  static final Comparator<Row> ORDER =
      Comparator.comparingLong(Row::time)
          .thenComparing(Row::sequencer)
          .thenComparing(Row::versionId);

  /** Keys in S3 order, and a key's facts in {@link #ORDER}: total over distinct facts. */
  static final Comparator<Row> BY_KEY =
      ((Comparator<Row>) (a, b) -> ObjectKey.compare(a.key, b.key))
          .thenComparing(ORDER)
          .thenComparing(Row::kind)
          .thenComparing(Row::source)
          .thenComparingLong(Row::removed);

  /** Facts in the order in which they happened. */
  static final Comparator<Row> BY_TIME = Comparator.comparingLong(Row::time).thenComparing(BY_KEY);

  static Row of(VersionEvent event) {
    String sequencer = event.sequencer().toUpperCase(Locale.ROOT);
    int end = sequencer.length();
    while (end > 0 && sequencer.charAt(end - 1) == '0') {
      end--;
    }
    return new Row(
        event.key().value(),
        event.versionId(),
        event.kind(),
        event.time().toEpochMilli(),
        sequencer.substring(0, end),
        event.etag(),
        event.size(),
        event.source(),
        NEVER);
  }

  boolean isNull() {
    return versionId.equals(VersionEvent.NULL_VERSION);
  }

  boolean isRemoval() {
    return kind == Kind.REMOVED;
  }

  boolean isMarker() {
    return kind == Kind.MARKER;
  }

  boolean aliveAt(long moment) {
    return time <= moment && moment < removed;
  }

  Row removedAt(long moment) {
    return moment >= removed
        ? this
        : new Row(
            key, versionId, kind, time, sequencer, etag, size, source, Math.max(moment, time));
  }

  Version version() {
    return new Version(
        new ObjectKey(key),
        versionId,
        isMarker(),
        Instant.ofEpochMilli(time),
        sequencer,
        etag,
        size,
        source,
        removed == NEVER ? Optional.empty() : Optional.of(Instant.ofEpochMilli(removed)));
  }
}
