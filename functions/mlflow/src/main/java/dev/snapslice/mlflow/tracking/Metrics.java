package dev.snapslice.mlflow.tracking;

import static dev.snapslice.mlflow.table.TrackingTable.key;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromB;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;

import dev.snapslice.core.job.FanOut;
import dev.snapslice.mlflow.table.ContentHash;
import dev.snapslice.mlflow.table.TrackingTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;

/**
 * The metrics of runs. A batch is written as it comes, one item beside the run's head; a fold moves
 * the batches of a run into histories, in a partition of their own sorted by key, and into the one
 * item of latest values. First it copies, then it deletes, so it may stop anywhere. Thread-safe.
 */
final class Metrics {
  private static final int WRITES_AT_ONCE = 16;

  /** Of one item of a history: some 20 KB of values that do not compress. */
  private static final int MOST_TOGETHER = 1_000;

  /** With it the sort key of the longest name has less than DynamoDB's 1,024 bytes. */
  private static final int SHORT_HASH = 16;

  private final TrackingTable table;
  private final FanOut writes = new FanOut(WRITES_AT_ONCE);

  Metrics(TrackingTable table) {
    this.table = table;
  }

  static String histories(String runId) {
    return "history#" + runId;
  }

  /**
   * Makes a batch durable. The same one again adds nothing.
   *
   * @param ofModels items that tell the same of logged models
   */
  void log(String runId, List<Metric> batch, List<Map<String, AttributeValue>> ofModels) {
    byte[] pack = MetricPack.pack(batch);
    List<Map<String, AttributeValue>> items = new ArrayList<>(ofModels);
    items.add(item(RunItems.partition(runId), RunItems.BATCH + ContentHash.of(pack), pack));
    table.putTogether(items);
  }

  private static Map<String, AttributeValue> item(String partition, String sort, byte[] pack) {
    Map<String, AttributeValue> item = new HashMap<>(key(partition, sort));
    item.put("pack", fromB(SdkBytes.fromByteArrayUnsafe(pack)));
    return item;
  }

  /** Folds what was read of a run; does nothing if somebody else folds it at the same time. */
  void fold(String runId, RunItems items) {
    if (items.batches().isEmpty()) {
      return;
    }
    Map<String, List<Metric>> byKey = new TreeMap<>();
    items
        .batches()
        .values()
        .forEach(batch ->
            batch.forEach(metric ->
                byKey.computeIfAbsent(metric.key(), same -> new ArrayList<>()).add(metric)));
    List<Map<String, AttributeValue>> pages = new ArrayList<>();
    byKey.forEach((name, all) -> {
      List<Metric> history = Metric.history(all);
      for (int from = 0; from < history.size(); from += MOST_TOGETHER) {
        List<Metric> part = history.subList(from, Math.min(from + MOST_TOGETHER, history.size()));
        byte[] pack = MetricPack.pack(part);
        String hash = ContentHash.of(pack).substring(0, SHORT_HASH);
        pages.add(item(histories(runId), sortPrefix(name) + hash, pack));
      }
    });
    writes.map(
        pages,
        page -> {
          table.put(page);
          return true;
        });
    if (!putLatest(runId, items)) {
      return;
    }
    writes.map(
        List.copyOf(items.batches().keySet()),
        batch ->
            table
                .dynamo()
                .deleteItem(
                    r -> r.tableName(table.name()).key(key(RunItems.partition(runId), batch))));
  }

  private boolean putLatest(String runId, RunItems items) {
    byte[] pack = MetricPack.pack(List.copyOf(items.latestMetrics().values()));
    Map<String, AttributeValue> item = item(RunItems.partition(runId), RunItems.LATEST, pack);
    item.put("revision", fromN("" + (items.revision() + 1)));
    try {
      table
          .dynamo()
          .putItem(r ->
              r.tableName(table.name())
                  .item(item)
                  .conditionExpression("attribute_not_exists(pk) OR revision = :read")
                  .expressionAttributeValues(Map.of(":read", fromN("" + items.revision()))));
      return true;
    } catch (ConditionalCheckFailedException e) {
      return false;
    }
  }

  private static String sortPrefix(String key) {
    return key + "\0";
  }

  /** What was folded of a metric; maybe some of it twice. */
  List<Metric> folded(String runId, String name) {
    return table.partition(histories(runId), sortPrefix(name)).stream()
        .flatMap(item -> RunItems.metrics(item).stream())
        .toList();
  }
}
