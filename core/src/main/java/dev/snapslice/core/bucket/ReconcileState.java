package dev.snapslice.core.bucket;

import dev.snapslice.core.bucket.Reconciling.Done;
import java.time.Instant;

/**
 * How far a reconcile has come between two runs of it.
 *
 * @param started when the first run began
 * @param after the last key that was compared
 * @param listed whether all keys were
 * @param noted how many documents of suspects were written
 * @param judged how many of those were dealt with
 * @param lastNoted when the last was written
 * @param counts so far
 */
record ReconcileState(
    Instant started,
    String after,
    boolean listed,
    int noted,
    int judged,
    Instant lastNoted,
    Done counts) {
  ReconcileState compared(String key, int suspectDocuments, Instant now, Done more) {
    return new ReconcileState(
        started,
        key,
        false,
        noted + suspectDocuments,
        judged,
        suspectDocuments > 0 ? now : lastNoted,
        counts.plus(more));
  }

  ReconcileState allListed() {
    return new ReconcileState(started, after, true, noted, judged, lastNoted, counts);
  }

  ReconcileState judgedOne(Done more) {
    return new ReconcileState(started, after, listed, noted, judged + 1, lastNoted, counts.plus(more));
  }
}
