package dev.snapslice.mlflow.tracking;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A run, with what was logged to it.
 *
 * @param status one of {@link #STATUSES}
 * @param start epoch milliseconds, by the client's clock
 * @param end the same, where it has ended
 * @param location URI under which it keeps its artifacts
 * @param stage whether it is deleted, by itself or with its experiment
 * @param metrics the latest of each key
 * @param datasets that it read
 * @param modelInputs ids of models that it read
 * @param modelOutputs ids of models that it made, with the step of each
 */
public record Run(
    String id,
    String experimentId,
    String name,
    String user,
    String status,
    long start,
    Optional<Long> end,
    String location,
    Stage stage,
    SortedMap<String, String> params,
    SortedMap<String, String> tags,
    SortedMap<String, Metric> metrics,
    List<DatasetInput> datasets,
    List<String> modelInputs,
    SortedMap<String, Long> modelOutputs)
    implements SearchedRun {
  static final String NAME_TAG = "mlflow.runName";
  static final String[] STATUSES = {"RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"};

  @Override
  public Optional<String> param(String key) {
    return Optional.ofNullable(params.get(key));
  }

  @Override
  public Optional<String> tag(String key) {
    return Optional.ofNullable(tags.get(key));
  }

  @Override
  public Optional<Metric> metric(String key) {
    return Optional.ofNullable(metrics.get(key));
  }

  @Override
  public Run whole() {
    return this;
  }

  /** The {@code RunInfo} message. */
  public ObjectNode info() {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("run_uuid", id);
    json.put("experiment_id", experimentId);
    json.put("run_name", name);
    json.put("user_id", user);
    json.put("status", status);
    json.put("start_time", start);
    end.filter(time -> time != 0).ifPresent(time -> json.put("end_time", time));
    json.put("artifact_uri", location);
    json.put("lifecycle_stage", stage.word());
    json.put("run_id", id);
    return json;
  }

  /** The {@code Run} message. */
  public ObjectNode json() {
    ObjectNode json = found();
    modelInputs.forEach(
        id -> json.withObject("/inputs").withArray("model_inputs").addObject().put("model_id", id));
    return json;
  }

  /** The same as searches tell it: without models that it read. */
  ObjectNode found() {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.set("info", info());
    ObjectNode data = json.putObject("data");
    if (!metrics.isEmpty()) {
      metrics.values().forEach(metric -> data.withArray("/metrics").add(metric.json()));
    }
    putPairs(data, "params", params);
    putPairs(data, "tags", tags);
    ObjectNode inputs = json.putObject("inputs");
    datasets.forEach(dataset -> inputs.withArray("/dataset_inputs").add(dataset.json()));
    ObjectNode outputs = json.putObject("outputs");
    modelOutputs.forEach((id, step) ->
        outputs.withArray("/model_outputs").addObject().put("model_id", id).put("step", step));
    return json;
  }

  private static void putPairs(ObjectNode data, String name, Map<String, String> pairs) {
    pairs.forEach(
        (key, value) -> data.withArray("/" + name).addObject().put("key", key).put("value", value));
  }
}
