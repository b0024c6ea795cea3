package dev.snapslice.core.index;

import static dev.snapslice.core.index.IndexTable.binary;
import static dev.snapslice.core.index.IndexTable.bytes;
import static dev.snapslice.core.index.IndexTable.number;
import static dev.snapslice.core.index.IndexTable.text;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A rectangle of the index: the keys in [from, to) since a moment. A tablet that grew too large is
 * followed by several with narrower ranges, born at that moment, which know it as their parent; its
 * history stays where it is.
 *
 * @param id names its partition of pages and segments
 * @param from first key, empty for the lowest tablet
 * @param to first key after it, empty for the highest tablet
 * @param born event time from which on it holds its keys' history, 0 for the first
 * @param parent id of the tablet that held these keys before, empty for the first
 * @param tailFrom tail chunks with its keys may also be filed under tablets that began here (until
 *     they are drained)
 * @param filling whether backfill has not yet been here, so that nothing may be folded
 * @param openedAt when it was opened, by the clock of the one who did
 * @param drainedAt when the facts that others filed under this tablet's first key were handed on, 0
 *     if not yet, {@link #DRAINED} when the others no longer look there
 * @param foldedThrough the newest event time among its folded facts
 * @param deletions whether a delete marker or a removal was ever folded here, or before it was born
 * @param live how many keys its newest base and delta held alive when it was last folded
 */
record Tablet(
    String bucket,
    String id,
    byte[] from,
    byte[] to,
    long born,
    String parent,
    byte[] tailFrom,
    boolean filling,
    long openedAt,
    long drainedAt,
    long foldedThrough,
    boolean deletions,
    long live) {
  /** In place of {@link #drainedAt}: nobody reads this tablet's tail but its own readers. */
  static final long DRAINED = -1;

  /** Attribute names of a tablet's row, in the directory and beside its pages. */
  static final class Attribute {
    static final String ID = "id";
    static final String FROM = "f";
    static final String TO = "t";
    static final String BORN = "b";
    static final String PARENT = "p";
    static final String TAIL_FROM = "tf";
    static final String FILLING = "fi";
    static final String OPENED_AT = "o";
    static final String DRAINED_AT = "dr";
    static final String FOLDED_THROUGH = "ft";
    static final String DELETIONS = "dl";
    static final String LIVE = "lv";
    static final String LEASE_UNTIL = "lu";
    static final String BUCKET = "bk";

    private Attribute() {}
  }

  static Tablet read(Map<String, AttributeValue> item) {
    return new Tablet(
        item.get(Attribute.BUCKET).s(),
        item.get(Attribute.ID).s(),
        bytes(item, Attribute.FROM),
        bytes(item, Attribute.TO),
        number(item, Attribute.BORN),
        Optional.ofNullable(item.get(Attribute.PARENT)).map(AttributeValue::s).orElse(""),
        bytes(item, Attribute.TAIL_FROM),
        item.containsKey(Attribute.FILLING),
        number(item, Attribute.OPENED_AT),
        number(item, Attribute.DRAINED_AT),
        number(item, Attribute.FOLDED_THROUGH),
        item.containsKey(Attribute.DELETIONS),
        number(item, Attribute.LIVE));
  }

  /** The attributes under the given primary key. */
  Map<String, AttributeValue> write(Map<String, AttributeValue> key) {
    key.put(Attribute.BUCKET, text(bucket));
    key.put(Attribute.ID, text(id));
    key.put(Attribute.FROM, binary(from));
    if (to.length > 0) {
      key.put(Attribute.TO, binary(to));
    }
    key.put(Attribute.BORN, number(born));
    if (!parent.isEmpty()) {
      key.put(Attribute.PARENT, text(parent));
    }
    key.put(Attribute.TAIL_FROM, binary(tailFrom));
    if (filling) {
      key.put(Attribute.FILLING, AttributeValue.fromBool(true));
    }
    key.put(Attribute.OPENED_AT, number(openedAt));
    key.put(Attribute.DRAINED_AT, number(drainedAt));
    key.put(Attribute.FOLDED_THROUGH, number(foldedThrough));
    if (deletions) {
      key.put(Attribute.DELETIONS, AttributeValue.fromBool(true));
    }
    key.put(Attribute.LIVE, number(live));
    return key;
  }

  /** The same after facts up to a moment were folded. */
  Tablet folded(long through, boolean deleting) {
    return new Tablet(
        bucket,
        id,
        from,
        to,
        born,
        parent,
        tailFrom,
        filling,
        openedAt,
        drainedAt,
        Math.max(foldedThrough, through),
        deletions || deleting,
        live);
  }

  boolean contains(byte[] position) {
    return Arrays.compareUnsigned(position, from) >= 0
        && (to.length == 0 || Arrays.compareUnsigned(position, to) < 0);
  }

  /** Whether facts with its keys may still be filed under another tablet's first key. */
  boolean readsOthersTail() {
    return !Arrays.equals(tailFrom, from);
  }
}
