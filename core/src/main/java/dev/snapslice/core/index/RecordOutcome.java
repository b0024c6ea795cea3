package dev.snapslice.core.index;

import dev.snapslice.core.version.VersionEvent;
import java.util.List;
import java.util.Set;

/**
 * What came of recording events.
 *
 * @param failed events that are not durable and have to be recorded again (throttled, or the table
 *     is out of reach)
 * @param maintain tablets that may want maintenance now: send each to {@link TimeIndex#maintain}
 */
public record RecordOutcome(List<VersionEvent> failed, Set<TabletRef> maintain) {}
