package dev.snapslice.core.index;

import static dev.snapslice.core.index.IndexTable.SK;
import static dev.snapslice.core.index.IndexTable.bytes;

import dev.snapslice.core.index.IndexTable.Range;
import dev.snapslice.core.index.Tail.Chunk;
import dev.snapslice.core.index.Tail.Filing;
import dev.snapslice.core.version.VersionEvent.Kind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Keeps a tablet cheap to read: folds its tail, lets {@link Growth} cut what has become too long,
 * and deletes chunks that were folded.
 *
 * <p>A folded chunk stays for {@link #PROPAGATION}: until then a reader may meet a replica that
 * does not yet have the pages. Each run may stop anywhere; the next one does what is left.
 */
final class Compaction {
  /** Longer than any replica of DynamoDB or any reader's request lags behind. */
  static final Duration PROPAGATION = Duration.ofSeconds(10);

  private static final Duration LEASE = Duration.ofMinutes(5);
  private static final int MOST_FACTS = 50_000;
  private static final byte[] GARBAGE = SortKeys.of('G');

  private final Parts parts;
  private final Growth growth;

  Compaction(Parts parts) {
    this.parts = parts;
    this.growth = new Growth(parts);
  }

  MaintenanceOutcome maintain(TabletRef ref) {
    Optional<Tablet> open = parts.directory().beginningAt(ref.bucket(), ref.position());
    if (open.isEmpty() || open.get().filling()) {
      return new MaintenanceOutcome(0, 0, Optional.empty());
    }
    Tablet tablet = open.get();
    long now = parts.clock().millis();
    if (!parts.directory().lease(tablet, now + LEASE.toMillis())) {
      return new MaintenanceOutcome(0, 0, Optional.of(Duration.ofSeconds(5)));
    }
    long through = tablet.foldedThrough();
    long live = tablet.live();
    try {
      Duration again = handOn(tablet, now);
      Set<String> folded = new HashSet<>();
      again = sooner(again, collectGarbage(tablet, now, folded));
      List<Chunk> chunks = new ArrayList<>();
      int facts = 0;
      for (Chunk chunk : parts.tail().chunks(tablet)) {
        if (!folded.contains(chunk.name()) && facts < MOST_FACTS) {
          chunks.add(chunk);
          facts += chunk.rows().size();
        }
      }
      Set<Row> own = new LinkedHashSet<>();
      List<Row> others = new ArrayList<>();
      for (Chunk chunk : chunks) {
        for (Row row : chunk.rows()) {
          if (tablet.contains(SortKeys.utf8(row.key()))) {
            own.add(row);
          } else {
            others.add(row);
          }
        }
      }
      if (facts < parts.limits().tail(live) && others.isEmpty()) {
        return new MaintenanceOutcome(0, 0, Optional.ofNullable(again));
      }
      file(tablet.bucket(), others);
      boolean deleting = own.stream().anyMatch(row -> row.kind() != Kind.CREATED);
      if (deleting && !tablet.deletions()) {
        parts.directory().deletes(tablet);
      }
      through = Math.max(through, own.stream().mapToLong(Row::time).max().orElse(0));
      tablet = tablet.folded(through, deleting);
      Fold fold = new Fold(parts, tablet, own);
      fold.write();
      Map<String, List<Row>> versions = fold.newest().versions();
      live = versions.values().stream().filter(v -> showsAt(v, Long.MAX_VALUE - 1)).count();
      List<Long> cut = growth.cutOverlong(tablet, fold);
      Tablet heir =
          growth.grow(tablet, fold.newest(), versions, live, cut.contains(fold.newest().start()));
      chunks.forEach(chunk -> folded.add(chunk.name()));
      // Before anything may vanish from the tail: slices skip a tablet by what its row says.
      parts.directory().folded(tablet, through, live);
      leaveGarbage(tablet, heir, folded, cut);
      return new MaintenanceOutcome(
          own.size(), fold.duplicates(), Optional.of(sooner(again, PROPAGATION)));
    } finally {
      parts.directory().release(tablet);
    }
  }

  private static Duration sooner(Duration a, Duration b) {
    return a == null || (b != null && b.compareTo(a) < 0) ? b : a;
  }

  private static boolean showsAt(List<Row> versions, long moment) {
    return KeyFacts.newest(versions, moment).filter(row -> !row.isMarker()).isPresent();
  }

  /**
   * Writers may have filed facts under this tablet's first key that belong to tablets to its right,
   * by a directory row from before the split. When no such writer can be left they are filed again
   * where they belong, and when every reader can see that, the others stop reading this tablet's
   * tail: from right to left, because a reader goes by what the leftmost tablet of its range says.
   */
  private Duration handOn(Tablet tablet, long now) {
    if (tablet.readsOthersTail() || tablet.drainedAt() == Tablet.DRAINED) {
      return null;
    }
    List<Tablet> readers = parts.directory().readersOf(tablet);
    long opened = readers.stream().mapToLong(Tablet::openedAt).reduce(tablet.openedAt(), Math::max);
    boolean filling = readers.stream().anyMatch(Tablet::filling);
    long due =
        tablet.drainedAt() == 0
            ? opened + Directory.STRAGGLERS.toMillis()
            : tablet.drainedAt() + PROPAGATION.toMillis();
    if (filling || now < due) {
      return Duration.ofMillis(Math.max(due - now, PROPAGATION.toMillis()));
    }
    if (tablet.drainedAt() == 0) {
      handOnChunks(tablet);
      readers.forEach(this::handOnChunks);
      parts.directory().drained(tablet, now);
      return PROPAGATION;
    }
    readers.reversed().forEach(parts.directory()::readsOwnTail);
    parts.directory().drained(tablet, Tablet.DRAINED);
    return null;
  }

  private void handOnChunks(Tablet owner) {
    List<Row> others = new ArrayList<>();
    for (Chunk chunk : parts.tail().chunks(owner)) {
      for (Row row : chunk.rows()) {
        if (!owner.contains(SortKeys.utf8(row.key()))) {
          others.add(row);
        }
      }
    }
    file(owner.bucket(), others);
  }

  private void file(String bucket, List<Row> rows) {
    List<Filing> chunks = new ArrayList<>();
    List<Row> left = new ArrayList<>(rows);
    while (!left.isEmpty()) {
      Tablet owner = parts.directory().at(bucket, SortKeys.utf8(left.getFirst().key()));
      List<Row> its =
          left.stream().filter(row -> owner.contains(SortKeys.utf8(row.key()))).toList();
      chunks.addAll(Tail.chunks(owner, its));
      left.removeAll(its);
    }
    if (!parts.tail().write(bucket, chunks).isEmpty()) {
      throw new IndexBusyException("could not hand facts on to their tablet");
    }
  }

  /**
   * Deletes what was folded long enough ago; tells the names of chunks that are folded but still
   * there.
   */
  private Duration collectGarbage(Tablet tablet, long now, Set<String> folded) {
    Duration again = null;
    for (var item :
        parts.table().all(new Range(partition(tablet), GARBAGE, SortKeys.endOf(GARBAGE)), true)) {
      long due = ByteBuffer.wrap(bytes(item, SK)).getLong(1) + PROPAGATION.toMillis();
      List<String> names = item.containsKey("c") ? item.get("c").ss() : List.of();
      if (now < due) {
        folded.addAll(names);
        again = sooner(again, Duration.ofMillis(due - now));
        continue;
      }
      parts.tail().delete(tablet, names);
      if (item.containsKey("s")) {
        Tablet cut =
            item.get("t").s().equals(tablet.id()) ? tablet : parts.directory().parent(tablet);
        item.get("s").ns().forEach(start -> growth.trim(cut, Long.parseLong(start)));
      }
      parts.table().deleteAll(partition(tablet), List.of(bytes(item, SK)));
    }
    return again;
  }

  /** As of now: what readers must have seen before it goes has only just been written. */
  private void leaveGarbage(Tablet tablet, Tablet heir, Set<String> folded, List<Long> cut) {
    long now = parts.clock().millis();
    Map<String, AttributeValue> item = IndexTable.key(partition(heir), SortKeys.of('G', now));
    item.put("c", AttributeValue.fromSs(List.copyOf(folded)));
    if (!cut.isEmpty()) {
      item.put("s", AttributeValue.fromNs(cut.stream().map(String::valueOf).toList()));
      item.put("t", IndexTable.text(tablet.id()));
    }
    parts.table().put(item);
  }

  private static String partition(Tablet tablet) {
    return "T#" + tablet.id();
  }
}
