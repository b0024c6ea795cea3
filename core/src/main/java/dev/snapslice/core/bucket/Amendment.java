package dev.snapslice.core.bucket;

import dev.snapslice.core.version.VersionEvent;
import java.time.Instant;
import java.util.Optional;

/**
 * A fact that changed views which could already be read.
 *
 * @param time of the fact: views of this moment and later may have changed
 * @param arrival when the index was told
 * @param key whose version the fact is about
 * @param kind what happened
 * @param note what else is known, as the interval in which a removal must have happened
 */
public record Amendment(
    Instant time, Instant arrival, String key, VersionEvent.Kind kind, Optional<String> note) {

  public static Amendment of(VersionEvent event, Instant arrival) {
    return new Amendment(
        event.time(), arrival, event.key().value(), event.kind(), Optional.empty());
  }
}
