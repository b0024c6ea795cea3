package dev.snapslice.core.restore;

import dev.snapslice.core.index.ListItem;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * A bucket whose versions are compared with what they were, so that the index hears of every change
 * as from S3's events. Time is a count of milliseconds.
 */
final class WatchedBucket {
  private final S3Client s3;
  private final TimeIndex index;
  private final String name;
  private Set<Seen> seen = new LinkedHashSet<>();
  private long now = Instant.parse("2026-11-24T00:00:00Z").toEpochMilli();
  private long sequence;

  private record Seen(
      String key, String versionId, boolean marker, String etag, long size, Instant at) {}

  WatchedBucket(S3Client s3, TimeIndex index, String name) {
    this.s3 = s3;
    this.index = index;
    this.name = name;
    index.create(name);
    index.finishBackfill(name);
  }

  /** Tells the index what happened since the last call; returns the moment at which it is known. */
  Instant look() {
    Set<Seen> found = list();
    List<VersionEvent> events = new ArrayList<>();
    for (Seen it : seen) {
      boolean replaced =
          it.versionId.equals("null")
              && found.stream().anyMatch(v -> v.key.equals(it.key) && v.versionId.equals("null"));
      if (!found.contains(it) && !replaced) {
        events.add(event(it, Kind.REMOVED));
      }
    }
    found.stream()
        .filter(it -> !seen.contains(it))
        .sorted(Comparator.comparing(Seen::at))
        .forEach(it -> events.add(event(it, it.marker ? Kind.MARKER : Kind.CREATED)));
    if (!index.record(name, events).failed().isEmpty()) {
      throw new IllegalStateException("facts were lost");
    }
    seen = found;
    return Instant.ofEpochMilli(++now);
  }

  private VersionEvent event(Seen it, Kind kind) {
    boolean created = kind == Kind.CREATED;
    return new VersionEvent(
        new ObjectKey(it.key),
        it.versionId,
        kind,
        Instant.ofEpochMilli(++now),
        "%016X".formatted(++sequence),
        created ? it.etag : "",
        created ? it.size : 0,
        Source.EVENT);
  }

  private Set<Seen> list() {
    Set<Seen> found = new LinkedHashSet<>();
    var answer = s3.listObjectVersions(r -> r.bucket(name).prefix(""));
    Stream.concat(
            answer.versions().stream()
                .map(v ->
                    new Seen(
                        v.key(),
                        v.versionId(),
                        false,
                        v.eTag().replace("\"", ""),
                        v.size(),
                        v.lastModified())),
            answer.deleteMarkers().stream()
                .map(m -> new Seen(m.key(), m.versionId(), true, "", 0, m.lastModified())))
        .forEach(found::add);
    return found;
  }

  /** Versions and markers that S3 holds. */
  int stored() {
    return list().size();
  }

  /** What a snapshot holds: content by key. */
  Map<String, String> at(Instant moment, String prefix) {
    Map<String, String> entries = new LinkedHashMap<>();
    index.snapshot(name, moment).list(ListRequest.recursive(prefix)).items().stream()
        .map(item -> ((ListItem.Entry) item).version())
        .forEach((Version v) -> entries.put(v.key().value(), v.etag() + " " + v.size()));
    return entries;
  }
}
