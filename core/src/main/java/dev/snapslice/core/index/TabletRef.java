package dev.snapslice.core.index;

/**
 * Names a part of a bucket's index that wants maintenance (compaction): the tablet whose keys begin
 * at {@code from}. Small enough for a queue message.
 */
public record TabletRef(String bucket, String from) {}
