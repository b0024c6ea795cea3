package dev.snapslice.core.index;

import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Moves facts of one tablet from the tail into the segments that they concern by event time.
 *
 * <p>For each key it begins with the segment of the key's earliest new fact and goes forward: the
 * segment's rows and the facts together say what its delta and base have to hold, and what is alive
 * at its end goes into the next one's base, until a base needs no change; from there on only the
 * segments matter in which something of the key was deleted. Nearly always all that is the newest
 * segment alone. Everything is computed from the union of facts and written by replacing rows, so a
 * fold that was killed half-way is simply done again.
 */
final class Fold {
  /**
   * How many segments back the home of a removed version is looked for where no view depends on it.
   */
  private static final int HOME_SEARCH = 64;

  private final Parts parts;
  private final Tablet tablet;
  private final List<Segment> chain;
  private final NavigableMap<String, List<Row>> byKey = new TreeMap<>(ObjectKey::compare);
  private final Set<String> ids;
  private final Map<Integer, Working> loaded = new TreeMap<>();
  private final Map<Integer, Map<String, List<Row>>> told = new HashMap<>();
  private int duplicates;

  Fold(Parts parts, Tablet tablet, Collection<Row> facts) {
    this.parts = parts;
    this.tablet = tablet;
    long earliest = facts.stream().mapToLong(Fold::wholeSecond).min().orElse(Long.MAX_VALUE);
    this.chain = parts.segments().since(tablet, earliest);
    facts.forEach(fact -> byKey.computeIfAbsent(fact.key(), key -> new ArrayList<>()).add(fact));
    this.ids = facts.stream().map(Row::versionId).collect(Collectors.toSet());
    byKey.forEach(this::fold);
  }

  /** A list tells whole seconds: whoever knows better has to look at least that far back. */
  private static long wholeSecond(Row fact) {
    return fact.time() / 1000 * 1000;
  }

  int duplicates() {
    return duplicates;
  }

  Working newest() {
    return load(chain.size() - 1);
  }

  /**
   * Writes what changed. A delta that holds a fact says that the fact is folded, so deltas come
   * last; the oldest first, so that a version that moves to a later segment never is in two. A base
   * that needs no change says that those after it need none, so bases go from the newest back.
   */
  void write() {
    List.copyOf(loaded.values()).reversed().forEach(Working::flushBaseAndJournal);
    loaded.values().forEach(Working::flushDelta);
  }

  Collection<Working> touched() {
    return loaded.values();
  }

  private Working load(int index) {
    return loaded.computeIfAbsent(index, i -> new Working(chain.get(i), endOf(i), tablet));
  }

  private long endOf(int index) {
    return index + 1 < chain.size() ? chain.get(index + 1).start() : Long.MAX_VALUE;
  }

  /**
   * What the delta of a segment, which need not be loaded for it, tells of a key's deletions, of
   * its null versions, and of the versions that are folded.
   */
  private List<Row> told(int index, String key) {
    return told.computeIfAbsent(index, this::told).getOrDefault(key, List.of());
  }

  private Map<String, List<Row>> told(int index) {
    byte[] first = SortKeys.utf8(byKey.firstKey());
    byte[] end = SortKeys.after(SortKeys.utf8(byKey.lastKey()));
    return chain.get(index).delta().rows(first, end, true).stream()
        .filter(row -> row.time() < endOf(index) && byKey.containsKey(row.key()))
        .filter(row -> row.kind() != Kind.CREATED || row.isNull() || ids.contains(row.versionId()))
        .collect(Collectors.groupingBy(Row::key));
  }

  private int indexAt(long time) {
    int index = chain.size() - 1;
    while (index > 0 && chain.get(index).start() > time) {
      index--;
    }
    return index;
  }

  private void fold(String key, List<Row> facts) {
    List<Row> fresh = facts.stream().filter(fact -> !outdated(key, fact)).toList();
    if (fresh.isEmpty()) {
      return;
    }
    int first = indexAt(fresh.stream().mapToLong(Fold::wholeSecond).min().getAsLong());
    long lastFact = fresh.stream().mapToLong(Row::time).max().getAsLong();
    List<Row> carried = List.of();
    for (int i = first; i < chain.size(); ) {
      Working segment = load(i);
      List<Row> stored = segment.rowsOf(key);
      List<Row> known = new ArrayList<>(stored);
      known.addAll(fresh);
      known.addAll(carried);
      if (fresh.stream().anyMatch(fact -> mayExpose(fact, stored))) {
        known.addAll(older(load(first).start(), segment, stored, fresh, known));
      }
      List<Row> versions = KeyFacts.resolve(known);
      List<Row> delta = new ArrayList<>();
      for (Row row : versions) {
        if (segment.spans(row.time())) {
          delta.add(row);
        }
      }
      known.stream()
          .filter(row -> row.isRemoval() && segment.spans(row.time()))
          .distinct()
          .forEach(delta::add);
      boolean changed =
          segment.set(key, KeyFacts.base(versions, segment.start(), segment.end()), delta);
      carried = versions;
      boolean settled = i > first && !changed && lastFact < segment.start();
      i = settled ? nextDeletion(key, i) : i + 1;
    }
  }

  /** The next segment in which what hides a version may go; after the last one where none is. */
  private int nextDeletion(String key, int index) {
    return IntStream.range(index + 1, tablet.deletions() ? chain.size() : 0)
        .filter(i -> !told(i, key).isEmpty())
        .findFirst()
        .orElse(chain.size());
  }

  /** Whether the deltas hold this very fact, or a better source's word on it. */
  private boolean outdated(String key, Row fact) {
    int home = indexAt(fact.time());
    List<Row> rows = new ArrayList<>();
    for (int i = indexAt(wholeSecond(fact)); i <= home; i++) {
      rows.addAll(load(i).deltaOf(key));
    }
    // What a list tells may have been told before with the time of an event, which is later.
    if (fact.source() != Source.EVENT) {
      IntStream.range(home + 1, chain.size()).forEach(i -> rows.addAll(told(i, key)));
    }
    boolean outdated;
    if (fact.isRemoval()) {
      outdated = rows.contains(fact);
    } else {
      List<Row> before = KeyFacts.resolve(rows);
      rows.add(fact);
      outdated = KeyFacts.resolve(rows).equals(before);
    }
    if (outdated) {
      duplicates++;
    }
    return outdated;
  }

  /** Whether a fact takes something away, so that something older may come to light. */
  private static boolean mayExpose(Row fact, List<Row> stored) {
    return fact.isRemoval()
        || stored.stream()
            .anyMatch(row ->
                row.versionId().equals(fact.versionId())
                    && row.source() != fact.source()
                    && row.time() < fact.time());
  }

  /**
   * The key's rows in older segments, as far back as they matter, with the removals noted there.
   *
   * @param folded where the segments begin that are being folded into: all facts are in those
   */
  private List<Row> older(
      long folded, Working from, List<Row> stored, List<Row> fresh, List<Row> known) {
    Map<Segment, List<Row>> found = new HashMap<>();
    List<Row> all = new ArrayList<>(known);
    List<Row> its = fresh.stream().filter(fact -> from.spans(fact.time())).toList();
    Segment oldest = from.segment();
    for (int steps = 0; ; steps++) {
      long start = oldest.start();
      List<Row> versions = KeyFacts.resolve(all);
      boolean viewKnown =
          Stream.concat(
                  its.stream().map(Row::time),
                  versions.stream().map(Row::removed).filter(from::spans))
              .allMatch(moment -> shows(versions, moment, start, stored, fresh));
      boolean homesKnown =
          its.stream().filter(Row::isRemoval).allMatch(fact -> homeKnown(all, fact, start));
      if (viewKnown && (homesKnown || steps >= HOME_SEARCH)) {
        break;
      }
      Optional<Segment> before = parts.segments().before(oldest);
      if (before.isEmpty()) {
        break;
      }
      oldest = before.get();
      List<Row> rows = oldest.rowsOf(known.getFirst().key());
      found.put(oldest, rows);
      all.addAll(rows);
    }
    List<Row> versions = KeyFacts.resolve(all);
    found.forEach((segment, rows) -> {
      if (segment.start() < folded) {
        note(segment, rows, versions);
      }
    });
    List<Row> rows = new ArrayList<>();
    found.values().forEach(rows::addAll);
    return rows;
  }

  /** Whether it is certain what the key shows at a moment. */
  private static boolean shows(
      List<Row> versions, long moment, long start, List<Row> stored, List<Row> fresh) {
    return KeyFacts.newest(versions, moment)
        .map(row ->
            row.time() >= start
                || (stored.contains(row)
                    && fresh.stream()
                        .noneMatch(other -> other.versionId().equals(row.versionId()))))
        .orElse(false);
  }

  private static boolean homeKnown(List<Row> rows, Row removal, long start) {
    return rows.stream()
        .anyMatch(row ->
            !row.isRemoval() && row.versionId().equals(removal.versionId()) && row.time() >= start);
  }

  /** Writes into an older segment what became of its versions. */
  private void note(Segment segment, List<Row> rows, List<Row> versions) {
    List<Row> remove = new ArrayList<>();
    List<Row> add = new ArrayList<>();
    for (Row row : rows) {
      if (row.isRemoval()) {
        continue;
      }
      versions.stream()
          .filter(now -> Row.ORDER.compare(now, row) == 0 && now.removed() != row.removed())
          .findFirst()
          .ifPresent(now -> {
            remove.add(row);
            add.add(now);
          });
    }
    if (add.isEmpty()) {
      return;
    }
    loaded.values().stream()
        .filter(working -> working.start() == segment.start())
        .findFirst()
        .ifPresentOrElse(working -> working.note(remove, add), () -> segment.note(remove, add));
  }
}
