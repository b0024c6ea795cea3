package dev.snapslice.core.index;

import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A versioned bucket that does what S3 does, one operation after the other, remembers what was
 * current after each, and tells of it by events. It keeps whole stacks of versions per key and
 * knows nothing of how the index thinks.
 */
final class SimulatedBucket {
  static final Comparator<String> UTF8 =
      Comparator.comparing(
          text -> text.getBytes(java.nio.charset.StandardCharsets.UTF_8),
          java.util.Arrays::compareUnsigned);

  /** A version on a key's stack. */
  record Stacked(String key, String versionId, boolean marker, long created, long size) {}

  private final TreeMap<String, List<Stacked>> stacks = new TreeMap<>(UTF8);
  private final TreeMap<Long, Map<String, Stacked>> states = new TreeMap<>();
  private final List<VersionEvent> events = new ArrayList<>();
  private long now;
  private long count;
  boolean suspended;

  SimulatedBucket(long start) {
    this.now = start;
    remember();
  }

  void pass(long millis) {
    now += millis;
  }

  long now() {
    return now;
  }

  List<VersionEvent> events() {
    return events;
  }

  /** What was there at a moment, in key order. */
  Map<String, Stacked> at(long moment) {
    var state = states.floorEntry(moment);
    return state == null ? Map.of() : state.getValue();
  }

  void put(String key) {
    push(key, false);
  }

  void delete(String key) {
    push(key, true);
  }

  private void push(String key, boolean marker) {
    List<Stacked> stack = stacks.computeIfAbsent(key, k -> new ArrayList<>());
    String versionId = suspended ? "null" : "%032x".formatted(++count * 0x9E3779B97F4A7C15L);
    if (suspended) {
      stack.removeIf(version -> version.versionId().equals("null"));
    }
    long size = marker ? 0 : ++count;
    stack.add(new Stacked(key, versionId, marker, now, size));
    tell(key, versionId, marker ? Kind.MARKER : Kind.CREATED, size);
  }

  /** Permanently removes one version, counted from the newest. */
  void remove(String key, int fromTop) {
    List<Stacked> stack = stacks.getOrDefault(key, List.of());
    if (fromTop < stack.size()) {
      Stacked gone = stack.remove(stack.size() - 1 - fromTop);
      tell(key, gone.versionId(), Kind.REMOVED, 0);
    }
  }

  private void tell(String key, String versionId, Kind kind, long size) {
    String etag = kind == Kind.CREATED ? "%032x".formatted(size) : "";
    events.add(
        new VersionEvent(
            new ObjectKey(key),
            versionId,
            kind,
            Instant.ofEpochMilli(now),
            "%016X".formatted(++count),
            etag,
            size,
            Source.EVENT));
    remember();
  }

  private void remember() {
    Map<String, Stacked> state = new TreeMap<>(UTF8);
    stacks.forEach((key, stack) -> {
      if (!stack.isEmpty() && !stack.getLast().marker()) {
        state.put(key, stack.getLast());
      }
    });
    states.put(now, state);
  }
}
