package dev.snapslice.bench;

import static dev.snapslice.bench.Events.START;

import dev.snapslice.core.index.Cursor;
import dev.snapslice.core.index.ListPage;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.index.ObjectView;
import dev.snapslice.core.testing.ConsumedCapacity;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Trees of 10,000 small folders and of 1,000 large ones, listed recursively and by folder. */
final class TreePart {
  private final Report report;

  TreePart(Report report) {
    this.report = report;
  }

  void run() {
    Subject small = tree(10_000, 10);
    list(small, "", "tree", "key", "10,000 folders of 10 keys, recursive");
    list(small, "/", "tree_delimiter", "folder", "10,000 folders of 10 keys, by delimiter");
    Subject large = tree(1_000, 300);
    list(large, "/", "large_folders_delimiter", "folder", "1,000 folders of 300 keys");
  }

  private static Subject tree(int folders, int keys) {
    Subject subject = new Subject();
    Stream<VersionEvent> listed =
        IntStream.range(0, folders)
            .boxed()
            .flatMap(folder ->
                IntStream.range(0, keys)
                    .mapToObj(key -> {
                      String name = "tree/folder-%06d/object-%06d.parquet".formatted(folder, key);
                      long time = START + (long) key * folders + folder;
                      return Events.event(name, 1, time, Kind.CREATED, Source.LIST);
                    }));
    subject.backfill(listed.iterator());
    return subject;
  }

  private void list(Subject subject, String delimiter, String figure, String what, String note) {
    Instant at = Instant.ofEpochMilli(START + 1_000_000_000L);
    for (int round = 0; round < 2; round++) { // The first round warms up.
      ObjectView view = subject.reader().snapshot(Subject.BUCKET, at);
      ConsumedCapacity.Total before = subject.cost();
      long start = System.nanoTime();
      Optional<Cursor> cursor = Optional.of(Cursor.START);
      long items = 0;
      while (cursor.isPresent()) {
        ListPage page = view.list(new ListRequest("tree/", delimiter, cursor.get(), 1_000));
        items += page.items().size();
        cursor = page.next();
      }
      double millis = (System.nanoTime() - start) / 1e6;
      ConsumedCapacity.Total cost = subject.cost().minus(before);
      if (round > 0) {
        String each = figure + "_ms_per_1000_" + what + "s";
        report.figure(each, millis * 1000 / items, "ms", "", note);
        String rcu = figure + "_rcu_per_1000";
        String requests = "%s; %d items in %d requests".formatted(note, items, cost.requests());
        report.figure(rcu, cost.reads() * 1000 / items, "RCU", "", requests);
      }
    }
  }
}
