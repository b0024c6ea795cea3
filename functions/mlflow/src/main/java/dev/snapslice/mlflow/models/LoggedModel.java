package dev.snapslice.mlflow.models;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.tracking.ModelMetric;
import dev.snapslice.mlflow.tracking.Stage;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * A model that was logged to an experiment.
 *
 * @param location URI under which it keeps its artifacts
 * @param status one of {@link #STATUSES}
 * @param type empty where none was told
 * @param sourceRun id of the run that made it; empty where none was told
 * @param created epoch milliseconds
 * @param updated epoch milliseconds
 */
public record LoggedModel(
    String id,
    String experimentId,
    String name,
    String location,
    String status,
    Stage stage,
    String type,
    String sourceRun,
    long created,
    long updated,
    SortedMap<String, String> params,
    SortedMap<String, String> tags,
    List<ModelMetric> metrics) {
  static final String[] STATUSES = {
    "LOGGED_MODEL_PENDING", "LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED"
  };

  /** Of a model of which nobody knows. */
  static final String UNSPECIFIED = "LOGGED_MODEL_STATUS_UNSPECIFIED";

  /** The {@code LoggedModel} message. */
  public ObjectNode json() {
    ObjectNode json = Json.MAPPER.createObjectNode();
    ObjectNode info = json.putObject("info");
    info.put("model_id", id);
    info.put("experiment_id", experimentId);
    info.put("name", name);
    info.put("creation_timestamp_ms", created);
    info.put("last_updated_timestamp_ms", updated);
    info.put("artifact_uri", location);
    info.put("status", status);
    info.put("model_type", type);
    info.put("source_run_id", sourceRun);
    putPairs(info, "tags", tags);
    ObjectNode data = json.putObject("data");
    putPairs(data, "params", params);
    if (!metrics.isEmpty()) {
      ArrayNode all = data.putArray("metrics");
      metrics.forEach(metric -> all.add(metric.json()));
    }
    return json;
  }

  private static void putPairs(ObjectNode json, String name, Map<String, String> pairs) {
    if (!pairs.isEmpty()) {
      ArrayNode all = json.putArray(name);
      pairs.forEach((key, value) -> all.addObject().put("key", key).put("value", value));
    }
  }
}
