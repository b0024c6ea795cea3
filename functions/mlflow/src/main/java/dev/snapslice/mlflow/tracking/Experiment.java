package dev.snapslice.mlflow.tracking;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import java.util.SortedMap;

/**
 * An experiment, which runs belong to.
 *
 * @param id a number in text
 * @param location a URI under which its runs keep their artifacts
 * @param turns how often it was deleted or restored: that goes for all its runs at once
 * @param created epoch milliseconds
 * @param updated epoch milliseconds
 */
public record Experiment(
    String id,
    String name,
    String location,
    Stage stage,
    long turns,
    long created,
    long updated,
    SortedMap<String, String> tags) {
  public static final String DEFAULT_ID = "0";
  static final String DEFAULT_NAME = "Default";

  /**
   * The stage of one of its runs: by the later of what was said of the run and of the experiment.
   *
   * @param runsTurns how many of the experiment's turns there were when the run's own stage was set
   */
  Stage stageOf(Stage own, long runsTurns) {
    return runsTurns >= turns ? own : stage;
  }

  /** The {@code Experiment} message. */
  public ObjectNode json() {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("experiment_id", id);
    json.put("name", name);
    json.put("artifact_location", location);
    json.put("lifecycle_stage", stage.word());
    json.put("last_update_time", updated);
    json.put("creation_time", created);
    json.put("workspace", "default");
    if (!tags.isEmpty()) {
      ArrayNode pairs = json.putArray("tags");
      tags.forEach((key, value) -> pairs.addObject().put("key", key).put("value", value));
    }
    return json;
  }
}
