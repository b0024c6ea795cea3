package dev.snapslice.mlflow.tracking;

import static dev.snapslice.mlflow.table.TrackingTable.key;
import static java.nio.charset.StandardCharsets.UTF_8;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.run.RunInputs;
import dev.snapslice.mlflow.table.ContentHash;
import dev.snapslice.mlflow.table.TrackingTable;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * What runs read and made: datasets and logged models, items beside their heads. What a dataset is
 * says who first logged it in the experiment; a partition of the experiment keeps that, and which
 * datasets were read there for what. Thread-safe.
 */
final class Inputs {
  static final String DATASET = RunInputs.DATASET;
  static final String MODEL_INPUT = "model-input#";
  static final String MODEL_OUTPUT = "model-output#";
  private static final String CONTENT = "content#";
  private static final String SUMMARY = "summary#";

  private final TrackingTable table;

  Inputs(TrackingTable table) {
    this.table = table;
  }

  static String datasets(String experimentId) {
    return "datasets#" + experimentId;
  }

  private static String hash(DatasetInput input) {
    return ContentHash.of((input.name() + "\0" + input.digest()).getBytes(UTF_8));
  }

  /** Notes a dataset that a run read; the first word on it counts. */
  void log(String experimentId, String runId, DatasetInput input, Instant now) {
    String hash = hash(input);
    Map<String, AttributeValue> key = key(RunItems.partition(runId), DATASET + hash);
    if (!table.get(key).isEmpty()) {
      return;
    }
    DatasetInput known = input.with(content(experimentId, input));
    Map<String, AttributeValue> item = new HashMap<>(key);
    item.put(RunInputs.JSON, fromS(Json.write(known.json())));
    item.put(RunInputs.LOGGED, fromN("" + now.toEpochMilli()));
    String context = ContentHash.of(input.context().orElse("\0").getBytes(UTF_8));
    Map<String, AttributeValue> summary =
        new HashMap<>(key(datasets(experimentId), SUMMARY + hash + context));
    summary.put("name", fromS(input.name()));
    summary.put("digest", fromS(input.digest()));
    input.context().ifPresent(text -> summary.put("context", fromS(text)));
    // First, so that no run's dataset is ever missing there; many runs may write it at once.
    table.put(summary);
    table.putIfAbsent(item);
  }

  /** What the experiment knows a dataset as. */
  private ObjectNode content(String experimentId, DatasetInput input) {
    Map<String, AttributeValue> key = key(datasets(experimentId), CONTENT + hash(input));
    Map<String, AttributeValue> item = new HashMap<>(key);
    item.put("json", fromS(Json.write(input.dataset())));
    return table.putIfAbsent(item)
        ? input.dataset()
        : Json.read(table.get(key).get("json").s(), ObjectNode.class);
  }

  /** Notes a model that a run read. */
  void logModelInput(String runId, String modelId) {
    table.put(key(RunItems.partition(runId), MODEL_INPUT + modelId));
  }

  /** Notes a model that a run made. */
  void logModelOutput(String runId, String modelId, long step) {
    Map<String, AttributeValue> item =
        new HashMap<>(key(RunItems.partition(runId), MODEL_OUTPUT + modelId));
    item.put("step", fromN("" + step));
    table.put(item);
  }

  /** The {@code DatasetSummary} messages of an experiment. */
  List<ObjectNode> summaries(String experimentId) {
    return table.partition(datasets(experimentId), SUMMARY).stream()
        .map(item -> {
          ObjectNode summary = Json.MAPPER.createObjectNode();
          summary.put("experiment_id", experimentId);
          summary.put("name", item.get("name").s());
          summary.put("digest", item.get("digest").s());
          if (item.containsKey("context")) {
            summary.put("context", item.get("context").s());
          }
          return summary;
        })
        .toList();
  }
}
