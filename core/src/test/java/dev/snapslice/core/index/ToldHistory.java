package dev.snapslice.core.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.snapslice.core.index.SimulatedBucket.Stacked;
import dev.snapslice.core.testing.LocalDynamo;
import dev.snapslice.core.testing.ObservedDynamo;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbRequest;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbResponse;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;

/**
 * One bucket, its simulated truth, and the index that is told of it: by events that come late,
 * twice and in any order, with maintenance in between, in the middle of reads, and killed half-way.
 */
final class ToldHistory {
  private static final String TABLE = LocalDynamo.newIndexTable();
  private static final long START = Instant.parse("2026-11-01T00:00:00Z").toEpochMilli();
  private static final AtomicLong BUCKETS = new AtomicLong();
  private static final String[] KEYS = {
    "a",
    "a/",
    "a/b",
    "a/b/c",
    "a//b",
    "a/b/\u00e9",
    "a0",
    "b/1",
    "b/2",
    "b/3",
    "b/c/d/e",
    "\ud83d\ude00",
    "\uffff/x",
    "\u0000",
    "../x",
    "z"
  };

  private final Random random;
  private final String bucket = "bucket-" + BUCKETS.incrementAndGet();
  private final SimulatedBucket truth = new SimulatedBucket(START);
  private final AtomicLong clock = new AtomicLong(START);
  private final InstantSource now = () -> Instant.ofEpochMilli(clock.get());
  private final Limits limits;
  private final TimeIndex index;
  private final Directory directory =
      new Directory(new IndexTable(LocalDynamo.client(), TABLE), now);
  private int interruptions;
  private final List<VersionEvent> waiting = new ArrayList<>();
  private final boolean removals;
  private final boolean suspensions;
  private final boolean dense;
  private final int keys;

  ToldHistory(long seed) {
    random = new Random(seed);
    limits =
        random.nextInt(4) == 0
            ? Limits.PRODUCTION
            : new Limits(
                2 + random.nextInt(8),
                4 + random.nextInt(20),
                1 + random.nextInt(12),
                1 + random.nextInt(6),
                100 + random.nextInt(600));
    index =
        new TimeIndex(
            new ObservedDynamo(LocalDynamo.client(), this::interrupted), TABLE, now, limits);
    removals = random.nextInt(3) > 0;
    suspensions = random.nextInt(4) == 0;
    dense = random.nextBoolean();
    keys = 1 + random.nextInt(KEYS.length);
  }

  void live() {
    index.create(bucket);
    if (random.nextInt(4) == 0) {
      backfill();
    }
    if (random.nextBoolean()) {
      index.finishBackfill(bucket);
    }
    int told = truth.events().size();
    int operations = 5 + random.nextInt(dense ? 120 : 60);
    for (int i = 0; i < operations; i++) {
      operate();
      for (; told < truth.events().size(); told++) {
        waiting.add(truth.events().get(told));
      }
      if (random.nextInt(8) == 0) {
        deliver(random.nextInt(8) == 0 ? 1 : 1 + random.nextInt(40));
      }
      if (random.nextInt(12) == 0) {
        maintain();
      }
      if (random.nextInt(40) == 0) {
        clock.addAndGet(200_000);
      }
    }
    index.finishBackfill(bucket);
    deliver(waiting.size());
    for (int i = random.nextInt(6); i > 0; i--) {
      maintain();
    }
  }

  private void operate() {
    if (random.nextInt(4) > 0) {
      truth.pass(random.nextInt(dense ? 50 : 5_000));
    }
    if (suspensions && random.nextInt(20) == 0) {
      truth.suspended ^= true;
    }
    String key = KEYS[random.nextInt(keys)];
    int what = random.nextInt(12);
    if (what < 8) {
      truth.put(key);
    } else if (what < 10 || !removals) {
      truth.delete(key);
    } else {
      truth.remove(key, random.nextInt(3) == 0 ? random.nextInt(4) : 0);
    }
    clock.set(Math.max(clock.get(), truth.now()));
  }

  private void backfill() {
    truth.suspended = false;
    for (int i = random.nextInt(60); i > 0; i--) {
      truth.pass(1_000 + random.nextInt(3_000));
      String key = KEYS[random.nextInt(keys)];
      if (random.nextInt(4) == 0) {
        truth.delete(key);
      } else {
        truth.put(key);
      }
    }
    List<VersionEvent> list = new ArrayList<>(truth.events());
    list.sort((a, b) -> {
      int byKey = a.key().compareTo(b.key());
      return byKey != 0 ? byKey : b.time().compareTo(a.time());
    });
    if (random.nextBoolean()) {
      backfillKilled(list);
    } else {
      index.backfill(bucket, "", "", list.iterator(), checkpoint -> {});
    }
  }

  /**
   * Some of the waiting events, picked at random, some of them twice, some also as a list or
   * EventBridge tells them.
   */
  private void deliver(int most) {
    Collections.shuffle(waiting, random);
    int count = Math.min(most, waiting.size());
    List<VersionEvent> batch = new ArrayList<>(waiting.subList(0, count));
    waiting.subList(0, count).clear();
    for (VersionEvent event : List.copyOf(batch)) {
      if (random.nextInt(30) == 0) {
        waiting.add(event);
      }
      boolean told = !event.versionId().equals("null") && event.kind() != Kind.REMOVED;
      if (told && random.nextInt(30) == 0) {
        batch.add(inSeconds(event, Source.LIST, ""));
      }
      if (told && random.nextInt(30) == 0) {
        batch.add(inSeconds(event, Source.EVENTBRIDGE, event.sequencer()));
      }
    }
    assertThat(index.record(bucket, batch).failed()).isEmpty();
  }

  private static VersionEvent inSeconds(VersionEvent event, Source source, String sequencer) {
    return new VersionEvent(
        event.key(),
        event.versionId(),
        event.kind(),
        Instant.ofEpochSecond(event.time().getEpochSecond()),
        sequencer,
        event.etag(),
        event.size(),
        source);
  }

  /** Is killed at some write and goes on from the last checkpoint. */
  private void backfillKilled(List<VersionEvent> list) {
    String[] from = {""};
    try {
      mortal(1 + random.nextInt(40))
          .backfill(bucket, "", "", list.iterator(), done -> from[0] = done.before());
    } catch (Killed e) {
      var rest =
          list.stream().filter(event -> ObjectKey.compare(event.key().value(), from[0]) >= 0);
      index.backfill(bucket, from[0], "", rest.iterator(), checkpoint -> {});
    }
  }

  private void maintain() {
    byte[] all = {};
    for (Tablet tablet : directory.covering(bucket, all, all)) {
      if (random.nextInt(5) == 0) {
        maintainKilled(TabletRef.of(tablet));
      } else {
        new TimeIndex(LocalDynamo.client(), TABLE, now, limits).maintain(TabletRef.of(tablet));
      }
    }
    if (random.nextBoolean()) {
      clock.addAndGet(11_000);
    }
  }

  /** Dies at some write: nothing after that arrives, not even that it lets go of its lease. */
  private void maintainKilled(TabletRef tablet) {
    try {
      mortal(1 + random.nextInt(15)).maintain(tablet);
    } catch (Killed e) {
      clock.addAndGet(301_000);
    }
  }

  private TimeIndex mortal(int writes) {
    AtomicLong left = new AtomicLong(writes);
    return new TimeIndex(
        new ObservedDynamo(
            LocalDynamo.client(),
            (request, send) -> {
              boolean read = request instanceof QueryRequest || request instanceof GetItemRequest;
              if (left.get() <= 0 || (!read && left.decrementAndGet() <= 0)) {
                throw new Killed();
              }
              return send.get();
            }),
        TABLE,
        now,
        limits);
  }

  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Maintenance before the next request of whatever is read, within the time that it may take. */
  private DynamoDbResponse interrupted(DynamoDbRequest request, Supplier<DynamoDbResponse> send) {
    if (interruptions > 0 && random.nextInt(6) == 0) {
      interruptions--;
      clock.addAndGet(1_000);
      byte[] all = {};
      for (Tablet tablet : directory.covering(bucket, all, all)) {
        new TimeIndex(LocalDynamo.client(), TABLE, now, limits).maintain(TabletRef.of(tablet));
      }
    }
    return send.get();
  }

  void checkAllViews() {
    for (int i = 0; i < 3; i++) {
      long at = moment();
      checkSnapshot(at);
      long from = moment();
      checkSnapshot(from);
      checkWindow(Math.min(from, at), Math.max(from, at));
    }
    checkSnapshot(truth.now() + 1);
    clock.addAndGet(600_000);
    maintain();
    maintain();
    checkSnapshot(moment());
    checkSnapshot(truth.now() + 1);
  }

  private long moment() {
    List<VersionEvent> events = truth.events();
    long at =
        events.isEmpty() ? START : events.get(random.nextInt(events.size())).time().toEpochMilli();
    return at + random.nextInt(3) - 1;
  }

  private void checkSnapshot(long at) {
    ObjectView view = index.snapshot(bucket, Instant.ofEpochMilli(at));
    Map<String, Stacked> expected = truth.at(at);
    List<String> listed = list(view, request("", ""));
    assertThat(listed).as(() -> told(at, listed, names(expected))).isEqualTo(names(expected));
    String prefix = KEYS[random.nextInt(KEYS.length)];
    prefix = prefix.substring(0, random.nextInt(prefix.length() + 1));
    if (prefix.isEmpty() || !Character.isSurrogate(prefix.charAt(prefix.length() - 1))) {
      String delimiter = random.nextBoolean() ? "/" : "";
      assertThat(list(view, request(prefix, delimiter)))
          .isEqualTo(rolledUp(names(expected), prefix, delimiter));
    }
    for (int i = 0; i < 3; i++) {
      String key = KEYS[random.nextInt(KEYS.length)];
      Stacked there = expected.get(key);
      Optional<String> found =
          switch (index.snapshot(bucket, Instant.ofEpochMilli(at)).lookup(new ObjectKey(key))) {
            case Lookup.Found(Version version) -> Optional.of(version.versionId());
            case Lookup.Purged(Version version, Instant when) -> Optional.of(version.versionId());
            case Lookup.Deleted deleted -> Optional.empty();
            case Lookup.Absent absent -> Optional.empty();
          };
      assertThat(found).isEqualTo(Optional.ofNullable(there).map(Stacked::versionId));
    }
  }

  /** What the index was told of the first key on which it differs. */
  private String told(long at, List<String> listed, List<String> expected) {
    TreeSet<String> differ = new TreeSet<>(listed);
    expected.forEach(name -> differ.remove(name));
    expected.stream().filter(name -> !listed.contains(name)).forEach(differ::add);
    String name = differ.getFirst();
    String key = name.substring(0, name.lastIndexOf(' '));
    StringBuilder told = new StringBuilder("at " + at + " of '" + key + "'");
    for (VersionEvent event : truth.events()) {
      if (event.key().value().equals(key)) {
        told.append(
            "\n%d %s %s".formatted(event.time().toEpochMilli(), event.kind(), event.versionId()));
      }
    }
    return told.toString();
  }

  /** Mostly for all at once: pages take time, and one listing in three has small ones. */
  private ListRequest request(String prefix, String delimiter) {
    int limit = random.nextInt(3) == 0 ? 1 + random.nextInt(20) : 1_000;
    return new ListRequest(prefix, delimiter, Cursor.START, limit);
  }

  private void checkWindow(long from, long to) {
    Map<String, Stacked> before = truth.at(from);
    Map<String, Stacked> after = truth.at(to);
    TreeMap<String, Stacked> expected = new TreeMap<>(SimulatedBucket.UTF8);
    after.forEach((key, version) -> {
      if (!version.equals(before.get(key))) {
        expected.put(key, version);
      }
    });
    Instant a = Instant.ofEpochMilli(from);
    Instant b = Instant.ofEpochMilli(to);
    ObjectView slice = index.slice(bucket, a, b);
    List<String> arrived = list(slice, request("", ""));
    assertThat(arrived)
        .as(() -> "since %d, ".formatted(from) + told(to, arrived, names(expected)))
        .isEqualTo(names(expected));
    assertThat(list(slice, request("", "/"))).isEqualTo(rolledUp(names(expected), "", "/"));
    TreeSet<String> changed = new TreeSet<>(SimulatedBucket.UTF8);
    changed.addAll(before.keySet());
    changed.addAll(after.keySet());
    changed.removeIf(key -> before.containsKey(key) && before.get(key).equals(after.get(key)));
    List<String> diff = new ArrayList<>();
    index
        .diff(bucket, a, b, "", Cursor.START)
        .forEachRemaining(entry -> {
          String key = entry.key().value();
          diff.add(key);
          assertThat(entry.before().map(Version::versionId))
              .isEqualTo(Optional.ofNullable(before.get(key)).map(Stacked::versionId));
          assertThat(entry.after().map(Version::versionId))
              .isEqualTo(Optional.ofNullable(after.get(key)).map(Stacked::versionId));
        });
    assertThat(diff).isEqualTo(List.copyOf(changed));
  }

  private static List<String> names(Map<String, Stacked> state) {
    List<String> names = new ArrayList<>();
    state.forEach((key, version) -> names.add(key + " " + version.versionId()));
    return names;
  }

  private static List<String> rolledUp(List<String> names, String prefix, String delimiter) {
    List<String> rolled = new ArrayList<>();
    for (String name : names) {
      String key = name.substring(0, name.lastIndexOf(' '));
      if (!key.startsWith(prefix)) {
        continue;
      }
      int cut = delimiter.isEmpty() ? -1 : key.indexOf(delimiter, prefix.length());
      String item = cut < 0 ? name : key.substring(0, cut + 1);
      if (rolled.isEmpty() || !rolled.getLast().equals(item)) {
        rolled.add(item);
      }
    }
    return rolled;
  }

  private List<String> list(ObjectView view, ListRequest request) {
    List<String> all = new ArrayList<>();
    Iterator<ListPage> pages = view.pages(request);
    while (pages.hasNext()) {
      interruptions = 3;
      ListPage page = pages.next();
      for (ListItem item : page.items()) {
        all.add(
            switch (item) {
              case ListItem.Entry(Version v) -> v.key().value() + " " + v.versionId();
              case ListItem.CommonPrefix(String prefix) -> prefix;
            });
      }
      interruptions = 0;
      boolean asksAgain = all.size() % 2 == 0;
      if (asksAgain && page.next().isPresent()) {
        pages = view.pages(request.from(page.next().get()));
      }
    }
    return all;
  }
}
