package dev.snapslice.mlflow.tracking;

import static dev.snapslice.mlflow.table.TrackingTable.key;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromB;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromM;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;

import dev.snapslice.core.job.FanOut;
import dev.snapslice.mlflow.table.ContentHash;
import dev.snapslice.mlflow.table.TrackingTable;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;

/**
 * The packs of an experiment's runs, and the one item that lists them. Packs are immutable and
 * named by their content, so what was read once is kept in memory. Thread-safe.
 */
final class RunPacks {
  private static final String MANIFEST = "manifest";
  private static final String PACK = "pack";
  private static final int READS_AT_ONCE = 32;

  /** In memory, at about 1 KB each. */
  private static final long MOST_RUNS = 400_000;

  private final TrackingTable table;
  private final FanOut reads = new FanOut(READS_AT_ONCE);
  private final LinkedHashMap<String, View> views = new LinkedHashMap<>(16, 0.75f, true);

  RunPacks(TrackingTable table) {
    this.table = table;
  }

  /**
   * What an experiment's packs are.
   *
   * @param revision grows with each change
   * @param packs the size of each in bytes, by name
   * @param replaced since when packs are not listed any more that still exist, in epoch
   *     milliseconds, by name
   */
  record Manifest(long revision, Map<String, Long> packs, Map<String, Long> replaced) {
    static final Manifest NONE = new Manifest(0, Map.of(), Map.of());
  }

  /** A run in a pack. */
  record Row(RunPack pack, int row) {}

  /**
   * All runs that are packed.
   *
   * @param rows those that count: of two entries of a run the later one
   */
  record View(long revision, Map<String, RunPack> packs, List<Row> rows) {
    static View of(long revision, Map<String, RunPack> packs) {
      Map<String, Row> newest = new LinkedHashMap<>();
      packs
          .values()
          .forEach(pack -> {
            for (int row = 0; row < pack.size(); row++) {
              newest.merge(pack.id(row), new Row(pack, row), View::later);
            }
          });
      return new View(revision, packs, List.copyOf(newest.values()));
    }

    private static Row later(Row a, Row b) {
      return b.pack().revision(b.row()) > a.pack().revision(a.row()) ? b : a;
    }
  }

  private static Map<String, AttributeValue> manifestKey(String experimentId) {
    return key("packs#" + experimentId, MANIFEST);
  }

  private static Map<String, AttributeValue> packKey(String name) {
    return key(PACK + "#" + name, PACK);
  }

  Manifest manifest(String experimentId) {
    var item = table.get(manifestKey(experimentId));
    return item.isEmpty()
        ? Manifest.NONE
        : new Manifest(
            Long.parseLong(item.get("revision").n()),
            numbers(item.get("packs")),
            numbers(item.get("replaced")));
  }

  private static Map<String, Long> numbers(AttributeValue map) {
    Map<String, Long> numbers = new TreeMap<>();
    map.m().forEach((name, number) -> numbers.put(name, Long.parseLong(number.n())));
    return numbers;
  }

  private static AttributeValue map(Map<String, Long> numbers) {
    Map<String, AttributeValue> map = new HashMap<>();
    numbers.forEach((name, number) -> map.put(name, fromN("" + number)));
    return fromM(map);
  }

  /** Puts a manifest in the place of its predecessor, and tells whether that was still there. */
  boolean replace(String experimentId, Manifest manifest) {
    Map<String, AttributeValue> item = new HashMap<>(manifestKey(experimentId));
    item.put("revision", fromN("" + manifest.revision()));
    item.put("packs", map(manifest.packs()));
    item.put("replaced", map(manifest.replaced()));
    try {
      table
          .dynamo()
          .putItem(r ->
              r.tableName(table.name())
                  .item(item)
                  .conditionExpression("attribute_not_exists(pk) OR revision = :before")
                  .expressionAttributeValues(
                      Map.of(":before", fromN("" + (manifest.revision() - 1)))));
      return true;
    } catch (ConditionalCheckFailedException e) {
      return false;
    }
  }

  /** Makes a pack durable, and tells its name. */
  String put(byte[] pack) {
    String name = ContentHash.of(pack);
    Map<String, AttributeValue> item = new HashMap<>(packKey(name));
    item.put("pack", fromB(SdkBytes.fromByteArrayUnsafe(pack)));
    table.put(item);
    return name;
  }

  void delete(String name) {
    table.delete(packKey(name));
  }

  /** Deletes the manifest of an experiment that is gone. */
  void forget(String experimentId) {
    table.delete(manifestKey(experimentId));
  }

  /** A pack; empty if it was replaced and deleted. */
  Optional<RunPack> read(String name) {
    return Optional.ofNullable(table.get(packKey(name)).get("pack"))
        .map(pack -> RunPack.unpack(pack.b().asByteArrayUnsafe()));
  }

  /** The packed runs of an experiment as they are now. */
  View view(String experimentId) {
    while (true) {
      Manifest manifest = manifest(experimentId);
      View known;
      synchronized (views) {
        known = views.getOrDefault(experimentId, View.of(0, Map.of()));
      }
      if (known.revision() == manifest.revision()) {
        return known;
      }
      Map<String, RunPack> before = known.packs();
      List<String> names = List.copyOf(manifest.packs().keySet());
      List<Optional<RunPack>> read =
          reads.map(
              names, name -> before.containsKey(name) ? Optional.of(before.get(name)) : read(name));
      // A pack that is gone was replaced just now: the manifest says by what.
      if (read.stream().allMatch(Optional::isPresent)) {
        Map<String, RunPack> packs = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
          packs.put(names.get(i), read.get(i).orElseThrow());
        }
        View view = View.of(manifest.revision(), packs);
        keep(experimentId, view);
        return view;
      }
    }
  }

  private void keep(String experimentId, View view) {
    synchronized (views) {
      views.put(experimentId, view);
      long runs = views.values().stream().mapToLong(each -> each.rows().size()).sum();
      var oldest = views.entrySet().iterator();
      while (runs > MOST_RUNS && views.size() > 1) {
        runs -= oldest.next().getValue().rows().size();
        oldest.remove();
      }
    }
  }
}
