package dev.snapslice.core.index;

import java.time.Instant;

/**
 * What happened in one interval of a timeline.
 *
 * @param start of the interval
 * @param created object versions that became visible
 * @param deleted delete markers that became visible
 * @param removed versions that were permanently removed
 * @param bytes sizes of the created versions, added up
 */
public record TimelineBucket(Instant start, long created, long deleted, long removed, long bytes) {
  TimelineBucket plus(TimelineBucket other) {
    return new TimelineBucket(
        start,
        created + other.created,
        deleted + other.deleted,
        removed + other.removed,
        bytes + other.bytes);
  }
}
