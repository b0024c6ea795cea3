package dev.snapslice.ingest;

/** A message of the events queue. */
record Message(String id, String body) {}
