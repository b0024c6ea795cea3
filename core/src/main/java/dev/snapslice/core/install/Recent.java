package dev.snapslice.core.install;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** What was read a short while ago, by key. Thread-safe. */
public final class Recent<K, V> {
  private static final int MOST = 10_000;

  private final long believedMillis;
  private final InstantSource clock;
  private final Map<K, Seen<V>> seen = new ConcurrentHashMap<>();

  private record Seen<V>(V value, long at) {}

  /**
   * Nothing yet.
   *
   * @param believed how long what was read counts
   */
  public Recent(Duration believed, InstantSource clock) {
    this.believedMillis = believed.toMillis();
    this.clock = clock;
  }

  /** What is read by a key, or was while that still counts. */
  public V get(K key, Function<K, V> read) {
    long now = clock.millis();
    Seen<V> known = seen.get(key);
    if (known != null && now - known.at() < believedMillis) {
      return known.value();
    }
    V value = read.apply(key);
    if (seen.size() >= MOST) {
      seen.clear();
    }
    // As old as the moment before it was read, so that a change meanwhile is seen in time.
    seen.put(key, new Seen<>(value, now));
    return value;
  }

  /** Reads all anew that is asked for from now on. */
  public void forget() {
    seen.clear();
  }
}
