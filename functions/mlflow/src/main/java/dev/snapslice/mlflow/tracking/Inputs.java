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
import java.util.ArrayList;
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

  /** Notes what a run read, at one moment; the first word on a dataset counts. */
  void log(
      String experimentId,
      String runId,
      List<DatasetInput> datasets,
      List<String> modelIds,
      Instant now) {
    List<Map<String, AttributeValue>> items = new ArrayList<>();
    datasets.forEach(dataset -> items.addAll(items(experimentId, runId, dataset, now)));
    modelIds.stream()
        .distinct()
        .forEach(id -> items.add(key(RunItems.partition(runId), MODEL_INPUT + id)));
    table.putTogether(items);
  }

  /** What is not known yet of a dataset that a run read. */
  private List<Map<String, AttributeValue>> items(
      String experimentId, String runId, DatasetInput input, Instant now) {
    String hash = hash(input);
    Map<String, AttributeValue> key = key(RunItems.partition(runId), DATASET + hash);
    if (isThere(key)) {
      return List.of();
    }
    List<Map<String, AttributeValue>> items = new ArrayList<>();
    String context = ContentHash.of(input.context().orElse("\0").getBytes(UTF_8));
    Map<String, AttributeValue> summary =
        new HashMap<>(key(datasets(experimentId), SUMMARY + hash + context));
    if (!isThere(key(datasets(experimentId), SUMMARY + hash + context))) {
      summary.put("name", fromS(input.name()));
      summary.put("digest", fromS(input.digest()));
      input.context().ifPresent(text -> summary.put("context", fromS(text)));
      items.add(summary);
    }
    Map<String, AttributeValue> contentKey = key(datasets(experimentId), CONTENT + hash);
    Map<String, AttributeValue> content = new HashMap<>(table.get(contentKey));
    if (content.isEmpty()) {
      content.putAll(contentKey);
      content.put("json", fromS(Json.write(input.dataset())));
      items.add(content);
    }
    Map<String, AttributeValue> item = new HashMap<>(key);
    DatasetInput known = input.with(Json.read(content.get("json").s(), ObjectNode.class));
    item.put(RunInputs.JSON, fromS(Json.write(known.json())));
    item.put(RunInputs.LOGGED, fromN("" + now.toEpochMilli()));
    items.add(item);
    return items;
  }

  private boolean isThere(Map<String, AttributeValue> key) {
    return !table.get(key).isEmpty();
  }

  /** Notes which models a run made, each with its step, at one moment. */
  void logOutputs(String runId, Map<String, Long> models) {
    List<Map<String, AttributeValue>> items = new ArrayList<>();
    models.forEach((id, step) -> {
      Map<String, AttributeValue> item =
          new HashMap<>(key(RunItems.partition(runId), MODEL_OUTPUT + id));
      item.put("step", fromN("" + step));
      items.add(item);
    });
    table.putTogether(items);
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
