package dev.snapslice.core.index;

import java.time.Duration;
import java.util.Optional;

/**
 * What one run of {@link TimeIndex#maintain} did.
 *
 * @param folded events that were moved from the tail into packed pages
 * @param duplicates facts among them that the pages already held
 * @param again how long to wait before this tablet has to be maintained once more, if it has to
 */
public record MaintenanceOutcome(int folded, int duplicates, Optional<Duration> again) {}
