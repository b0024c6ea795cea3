package dev.snapslice.core.bucket;

import dev.snapslice.core.bucket.ListedKey.Entry;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the index and S3's list say of one key, side by side; only versions older than a moment are
 * judged, because what is younger may be on its way. Pure.
 */
final class KeyComparison {
  /** The index's order of a key's versions. */
  private static final Comparator<Version> ORDER =
      Comparator.comparing(Version::created)
          .thenComparing(Version::sequencer)
          .thenComparing(Version::versionId);

  private final ListedKey listed;
  private final List<Version> known;
  private final Instant cutoff;
  private final Map<Entry, Version> matched = new HashMap<>();

  /**
   * Compares.
   *
   * @param listed what S3 lists; without versions if it lists none
   * @param known every version that the index knows
   * @param cutoff versions that were created then or later are not judged
   */
  KeyComparison(ListedKey listed, List<Version> known, Instant cutoff) {
    this.listed = listed;
    this.known = known;
    this.cutoff = cutoff;
    for (Entry entry : listed.versions()) {
      known.stream()
          .filter(version -> isSame(entry, version))
          .findFirst()
          .ifPresent(version -> matched.put(entry, version));
    }
  }

  ObjectKey key() {
    return listed.key();
  }

  /**
   * Null versions share their id. A list's time is at most the event's, so an indexed null version
   * from before it is another one, which the listed one has destroyed.
   */
  private static boolean isSame(Entry entry, Version version) {
    VersionEvent fact = entry.fact();
    if (!fact.versionId().equals(version.versionId())) {
      return false;
    }
    return !isNull(version)
        || (version.removed().isEmpty()
            && version.deleteMarker() == entry.isMarker()
            && version.etag().equals(fact.etag())
            && !version.created().isBefore(fact.time().truncatedTo(ChronoUnit.SECONDS)));
  }

  private static boolean isNull(Version version) {
    return version.versionId().equals(VersionEvent.NULL_VERSION);
  }

  /** Whether nothing is to be repaired, or only what {@link #missed} says for certain. */
  boolean isCertain() {
    return surplus().isEmpty()
        && misdated().isEmpty()
        && listed.versions().stream().noneMatch(e -> e.isMultipart() && isMissed(e));
  }

  /** A list's second may have been its version's last millisecond. */
  private boolean isMissed(Entry entry) {
    boolean judged = !entry.fact().time().plusSeconds(1).isAfter(cutoff);
    return judged && !matched.containsKey(entry);
  }

  /** What the index does not know, as facts with times that respect S3's order. */
  List<VersionEvent> missed() {
    List<VersionEvent> missed = new ArrayList<>();
    Instant before = Instant.EPOCH;
    for (Entry entry : listed.versions().reversed()) {
      Version version = matched.get(entry);
      Instant time = version == null ? entry.fact().time() : version.created();
      if (!time.isAfter(before)) {
        time = before.plusMillis(1);
      }
      if (isMissed(entry)) {
        missed.add(ListedKey.at(entry.fact(), time));
      }
      before = time;
    }
    return missed;
  }

  /** What the index takes for alive and S3 does not list. */
  List<Version> surplus() {
    boolean nullListed =
        listed.versions().stream()
            .anyMatch(e -> e.fact().versionId().equals(VersionEvent.NULL_VERSION));
    return known.stream()
        .filter(version -> version.removed().isEmpty() && version.created().isBefore(cutoff))
        .filter(version -> !matched.containsValue(version))
        .filter(version -> !(isNull(version) && nullListed))
        .toList();
  }

  /** Better times for versions whose order in the index contradicts S3's. */
  List<VersionEvent> misdated() {
    List<VersionEvent> corrections = new ArrayList<>();
    Optional<Entry> version = Optional.empty();
    Optional<Entry> marker = Optional.empty();
    for (Entry entry : listed.versions().reversed()) {
      if (matched.containsKey(entry)) {
        for (Optional<Entry> older : List.of(version, marker)) {
          older
              .filter(entry::certainlyAfter)
              .flatMap(a -> corrected(matched.get(a), matched.get(entry)))
              .ifPresent(corrections::add);
        }
        if (entry.isMarker()) {
          marker = Optional.of(entry);
        } else {
          version = Optional.of(entry);
        }
      }
    }
    return corrections;
  }

  /**
   * Puts two versions in S3's order, if they are not: the time of the one whose source is worse is
   * changed. Of one source the index believes the earlier time, so a later one is said to come from
   * a better source; an event that comes after all still has the last word.
   */
  private Optional<VersionEvent> corrected(Version older, Version newer) {
    boolean judged = older.created().isBefore(cutoff) && newer.created().isBefore(cutoff);
    if (!judged || isNull(older) || isNull(newer) || ORDER.compare(older, newer) < 0) {
      return Optional.empty();
    }
    return Optional.of(
        newer.source() != Source.EVENT && newer.source().compareTo(older.source()) >= 0
            ? fact(newer, older.created().plusMillis(1), better(newer.source()))
            : fact(older, newer.created().minusMillis(1), older.source()));
  }

  private static Source better(Source source) {
    return source == Source.LIST ? Source.EVENTBRIDGE : Source.EVENT;
  }

  private static VersionEvent fact(Version version, Instant time, Source source) {
    return new VersionEvent(
        version.key(),
        version.versionId(),
        version.deleteMarker() ? Kind.MARKER : Kind.CREATED,
        time,
        version.sequencer(),
        version.etag(),
        version.size(),
        source);
  }

  /** The fact that a version was removed, at the latest now. */
  static VersionEvent removal(Version version, Instant now) {
    return new VersionEvent(
        version.key(), version.versionId(), Kind.REMOVED, now, "", "", 0, Source.LIST);
  }
}
