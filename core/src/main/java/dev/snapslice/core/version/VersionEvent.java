package dev.snapslice.core.version;

import java.time.Instant;
import java.util.Objects;

/**
 * One fact about one object version, as S3 or an S3-compatible store reported it. Facts may arrive
 * late, twice and in any order; {@code KeyTimeline} says what follows from a set of them.
 *
 * @param key whose version it is
 * @param versionId S3's version id; {@code "null"} for the null version
 * @param kind what happened
 * @param time when, in whole milliseconds
 * @param sequencer S3's hexadecimal sequencer, or empty where the source has none
 * @param etag without quotes; empty for delete markers and removals
 * @param size in bytes; 0 for delete markers and removals
 * @param source who says so: decides whose time is believed
 */
public record VersionEvent(
    ObjectKey key,
    String versionId,
    Kind kind,
    Instant time,
    String sequencer,
    String etag,
    long size,
    Source source) {

  /** What happened to the version. */
  public enum Kind {
    /** The version became visible: Put, Post, Copy, CompleteMultipartUpload, Replication. */
    CREATED,
    /** The version is a delete marker, and became visible. */
    MARKER,
    /** The version was permanently deleted, by someone or by a lifecycle rule. */
    REMOVED
  }

  /** Where a fact comes from, best time first: the ordinal is the precedence. */
  public enum Source {
    /** An S3 event notification: milliseconds. */
    EVENT,
    /** An EventBridge event: whole seconds. */
    EVENTBRIDGE,
    /**
     * A list of versions (backfill, reconcile): whole seconds, and for multipart uploads when they
     * began.
     */
    LIST
  }

  public static final String NULL_VERSION = "null";

  public VersionEvent {
    Objects.requireNonNull(key);
    Objects.requireNonNull(kind);
    Objects.requireNonNull(source);
    time = Instant.ofEpochMilli(time.toEpochMilli());
    if (versionId.isEmpty() || versionId.length() > 1024) {
      throw new IllegalArgumentException(
          "a version id has 1 to 1,024 characters, got " + versionId.length());
    }
    if (!sequencer.matches("[0-9A-Fa-f]{0,64}")) {
      throw new IllegalArgumentException("a sequencer is hexadecimal, got '" + sequencer + "'");
    }
    if (size < 0) {
      throw new IllegalArgumentException("a size is not negative, got " + size);
    }
  }
}
