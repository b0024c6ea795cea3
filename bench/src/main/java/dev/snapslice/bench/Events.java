package dev.snapslice.bench;

import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/** Events that look like S3's: version ids and ETags that do not compress, the same in each run. */
final class Events {
  static final long START = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();

  private Events() {}

  /** The {@code n}th version of a key. */
  static VersionEvent put(String key, long n, long time) {
    return event(key, n, time, Kind.CREATED, Source.EVENT);
  }

  static VersionEvent event(String key, long n, long time, Kind kind, Source source) {
    long seed = mix(key.hashCode() * 31L + n);
    boolean event = source == Source.EVENT;
    return new VersionEvent(
        new ObjectKey(key),
        versionId(seed),
        kind,
        Instant.ofEpochMilli(event ? time : time / 1000 * 1000),
        event ? "00%14X".formatted(time).replace(' ', '0') + "%02X".formatted(n & 0xFF) : "",
        kind == Kind.CREATED ? "%016x%016x".formatted(mix(seed + 7), mix(seed + 8)) : "",
        kind == Kind.CREATED ? 1_000 + (seed >>> 44) : 0,
        source);
  }

  /** 32 letters, digits, points and underscores, as S3's are. */
  private static String versionId(long seed) {
    byte[] bytes = new byte[24];
    for (int i = 0; i < 24; i++) {
      bytes[i] = (byte) (mix(seed + i / 8 + 1) >>> (i % 8 * 8));
    }
    return Base64.getUrlEncoder().encodeToString(bytes).replace('-', '.');
  }

  /** SplitMix64's finalizer. */
  static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Hands events on in batches. */
  static void batches(Iterator<VersionEvent> events, int size, Consumer<List<VersionEvent>> to) {
    List<VersionEvent> batch = new ArrayList<>();
    while (events.hasNext()) {
      batch.add(events.next());
      if (batch.size() == size || !events.hasNext()) {
        to.accept(batch);
        batch = new ArrayList<>();
      }
    }
  }
}
