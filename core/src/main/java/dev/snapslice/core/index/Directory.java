package dev.snapslice.core.index;

import static dev.snapslice.core.index.IndexTable.binary;
import static dev.snapslice.core.index.IndexTable.number;

import dev.snapslice.core.index.IndexTable.Range;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Which tablet holds a key, now and at any moment before.
 *
 * <p>One row for each open tablet, sorted by its first key. Readers read it consistently, so that
 * they never miss the tail of a tablet that was just opened. Writers may use a row for {@link
 * #ROUTE_AGE}: what they file under a tablet that was split meanwhile is found through {@link
 * Tablet#tailFrom} until it has been handed on, and that happens only {@link #STRAGGLERS} after the
 * split. A writer that is later than that belongs to an invocation that has timed out, whose
 * messages are delivered again.
 */
final class Directory {
  static final Duration ROUTE_AGE = Duration.ofSeconds(30);
  static final Duration STRAGGLERS = Duration.ofMinutes(2);

  private static final int GROUP = 200;
  private static final byte[] FIRST = SortKeys.of('T');
  private static final byte[] SELF = SortKeys.of('I');

  private final IndexTable table;
  private final InstantSource clock;
  private final Map<String, TreeMap<byte[], Route>> routes = new ConcurrentHashMap<>();
  private final Map<String, Tablet> closed = new ConcurrentHashMap<>();

  private record Route(Tablet tablet, long readAt) {}

  Directory(IndexTable table, InstantSource clock) {
    this.table = table;
    this.clock = clock;
  }

  private static String partition(String bucket) {
    return "D#" + bucket;
  }

  private static byte[] sortKey(byte[] from) {
    return SortKeys.join(FIRST, from);
  }

  /** Opens a bucket's first tablet, which holds all keys; does nothing where there is one. */
  void create(String bucket, String id) {
    byte[] none = {};
    Tablet first =
        new Tablet(
            bucket, id, none, none, 0, "", none, true, clock.millis(), Tablet.DRAINED, 0, false, 0);
    table.put(row(first), "attribute_not_exists(pk)", Map.of());
  }

  boolean exists(String bucket) {
    return table.get(partition(bucket), FIRST, false).isPresent();
  }

  /** The open tablet that holds a position, read consistently. */
  Tablet at(String bucket, byte[] position) {
    return floor(bucket, position, true);
  }

  private Tablet floor(String bucket, byte[] position, boolean consistent) {
    return table
        .last(new Range(partition(bucket), FIRST, sortKey(position)), consistent)
        .map(Tablet::read)
        .orElseThrow(() -> new UnknownBucketException(bucket));
  }

  /** The open tablet that begins exactly there, if there is one. */
  Optional<Tablet> beginningAt(String bucket, byte[] from) {
    return table.get(partition(bucket), sortKey(from), true).map(Tablet::read);
  }

  /**
   * The open tablets that hold keys in [from, to), in key order, at most {@link #GROUP} and never
   * none; {@code to} empty: to the end.
   */
  List<Tablet> covering(String bucket, byte[] from, byte[] to) {
    List<Tablet> tablets = new ArrayList<>();
    tablets.add(at(bucket, from));
    byte[] after = tablets.getFirst().to();
    if (after.length > 0 && SortKeys.before(after, to)) {
      byte[] end = to.length == 0 ? SortKeys.endOf(FIRST) : sortKey(to);
      Range range = new Range(partition(bucket), sortKey(after), end);
      for (var item : table.first(range, GROUP - 1, true).items()) {
        Tablet tablet = Tablet.read(item);
        if (SortKeys.before(tablet.from(), to)) {
          tablets.add(tablet);
        }
      }
    }
    return tablets;
  }

  /**
   * The tablets to the right of this one whose keys' facts may be filed under this one's first key.
   */
  List<Tablet> readersOf(Tablet tablet) {
    List<Tablet> readers = new ArrayList<>();
    byte[] from = tablet.to();
    while (from.length > 0) {
      Range range = new Range(partition(tablet.bucket()), sortKey(from), SortKeys.endOf(FIRST));
      byte[] next = {};
      for (var item : table.first(range, GROUP, true).items()) {
        Tablet other = Tablet.read(item);
        if (!Arrays.equals(other.tailFrom(), tablet.tailFrom())) {
          return readers;
        }
        readers.add(other);
        next = other.to();
      }
      from = next;
    }
    return readers;
  }

  /** Where a writer files a fact: from a row that may be as old as {@link #ROUTE_AGE}. */
  Tablet route(String bucket, byte[] position) {
    TreeMap<byte[], Route> known =
        routes.computeIfAbsent(bucket, b -> new TreeMap<>(Arrays::compareUnsigned));
    long now = clock.millis();
    synchronized (known) {
      var entry = known.floorEntry(position);
      if (entry != null
          && entry.getValue().tablet().contains(position)
          && now - entry.getValue().readAt() < ROUTE_AGE.toMillis()) {
        return entry.getValue().tablet();
      }
    }
    Tablet tablet = floor(bucket, position, true);
    synchronized (known) {
      known.put(tablet.from(), new Route(tablet, now));
    }
    return tablet;
  }

  /**
   * The tablet that held this tablet's keys at a moment: itself, or the youngest ancestor that was
   * born by then.
   */
  Tablet at(Tablet tablet, long moment) {
    Tablet holder = tablet;
    while (holder.born() > moment) {
      holder = parent(holder);
    }
    return holder;
  }

  Tablet parent(Tablet tablet) {
    return closed.computeIfAbsent(
        tablet.parent(),
        id ->
            Tablet.read(
                table
                    .get("T#" + id, SELF, true)
                    .orElseThrow(() -> new IllegalStateException("the index lost tablet " + id))));
  }

  /** Puts the children in the place of an open tablet, at once; false if someone else did. */
  boolean replace(Tablet old, List<Tablet> children) {
    Map<String, AttributeValue> self = old.write(IndexTable.key("T#" + old.id(), SELF));
    table.put(self);
    return table.putTogether(
        children.stream().map(Directory::row).toList(), "id = :id", Map.of(":id", id(old)));
  }

  private static Map<String, AttributeValue> row(Tablet tablet) {
    return tablet.write(IndexTable.key(partition(tablet.bucket()), sortKey(tablet.from())));
  }

  /** Takes the right to maintain a tablet until a moment; false while someone else has it. */
  boolean lease(Tablet tablet, long until) {
    return change(
        tablet,
        "SET lu = :until",
        "id = :id AND (attribute_not_exists(lu) OR lu < :now)",
        Map.of(":until", number(until), ":now", number(clock.millis())));
  }

  void release(Tablet tablet) {
    change(tablet, "SET lu = :zero", "id = :id", Map.of(":zero", number(0)));
  }

  void folded(Tablet tablet, long through, long live) {
    change(
        tablet,
        "SET ft = :through, lv = :live",
        "id = :id",
        Map.of(":through", number(through), ":live", number(live)));
  }

  /** Says, before it happens, that a delete marker or a removal is folded. */
  void deletes(Tablet tablet) {
    change(tablet, "SET dl = :yes", "id = :id", Map.of(":yes", AttributeValue.fromBool(true)));
  }

  void drained(Tablet tablet, long at) {
    change(tablet, "SET dr = :at", "id = :id", Map.of(":at", number(at)));
  }

  /** Says that all facts with this tablet's keys are filed under its own first key. */
  void readsOwnTail(Tablet tablet) {
    change(tablet, "SET tf = :from", "id = :id", Map.of(":from", binary(tablet.from())));
  }

  void filled(Tablet tablet) {
    change(tablet, "REMOVE fi SET o = :now", "id = :id", Map.of(":now", number(clock.millis())));
  }

  private boolean change(
      Tablet tablet, String change, String condition, Map<String, AttributeValue> values) {
    Map<String, AttributeValue> all = new HashMap<>(values);
    all.put(":id", id(tablet));
    return table.update(partition(tablet.bucket()), sortKey(tablet.from()), change, condition, all);
  }

  private static AttributeValue id(Tablet tablet) {
    return IndexTable.text(tablet.id());
  }
}
