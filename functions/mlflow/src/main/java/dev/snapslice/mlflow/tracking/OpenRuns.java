package dev.snapslice.mlflow.tracking;

import static dev.snapslice.mlflow.table.TrackingTable.key;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.mlflow.table.TrackingTable;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;

/**
 * Which runs searches have to read one by one: those that no pack has as they are now. A row of one
 * partition for each, so that one query finds those of an experiment, or all. Thread-safe.
 */
final class OpenRuns {
  private static final String OPEN = "open";

  private final TrackingTable table;
  private final InstantSource clock;
  private final RandomGenerator random;

  OpenRuns(TrackingTable table, InstantSource clock, RandomGenerator random) {
    this.table = table;
    this.clock = clock;
    this.random = random;
  }

  /**
   * A run that is open.
   *
   * @param mark another one each time that it is opened
   */
  record OpenRun(String experimentId, String runId, Instant since, String mark) {}

  private static Map<String, AttributeValue> row(String experimentId, String runId) {
    return key(OPEN, experimentId + "#" + runId);
  }

  /** Opens a run, which may be open. */
  void open(String experimentId, String runId) {
    table.put(opened(experimentId, runId));
  }

  /** The same as a part of a transaction. */
  TransactWriteItem opening(String experimentId, String runId) {
    return table.replacing(opened(experimentId, runId));
  }

  /** The row of a run that is opened now. */
  Map<String, AttributeValue> opened(String experimentId, String runId) {
    Map<String, AttributeValue> row = new HashMap<>(row(experimentId, runId));
    row.put("since", fromN("" + clock.millis()));
    row.put("mark", fromS(Long.toHexString(random.nextLong())));
    return row;
  }

  /** Closes a run unless it was opened anew, and tells whether it did. */
  boolean close(OpenRun run) {
    return table.delete(row(run.experimentId(), run.runId()), "mark", fromS(run.mark()));
  }

  List<OpenRun> of(String experimentId) {
    return table.partition(OPEN, experimentId + "#").stream().map(OpenRuns::run).toList();
  }

  List<OpenRun> all() {
    return table.partition(OPEN).stream().map(OpenRuns::run).toList();
  }

  private static OpenRun run(Map<String, AttributeValue> row) {
    String sort = row.get("sk").s();
    int end = sort.indexOf('#');
    return new OpenRun(
        sort.substring(0, end),
        sort.substring(end + 1),
        Instant.ofEpochMilli(Long.parseLong(row.get("since").n())),
        row.get("mark").s());
  }
}
