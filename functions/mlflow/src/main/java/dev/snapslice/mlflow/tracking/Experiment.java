package dev.snapslice.mlflow.tracking;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Access;
import dev.snapslice.core.permission.Permission;
import dev.snapslice.core.permission.Resource;
import java.util.Optional;
import java.util.SortedMap;

/**
 * An experiment, which runs belong to.
 *
 * @param id a number in text
 * @param location a URI under which its runs keep their artifacts
 * @param turns how often it was deleted or restored: that goes for all its runs at once
 * @param created epoch milliseconds
 * @param updated epoch milliseconds
 * @param owner who made it, if they still have the permission that this gave them
 */
public record Experiment(
    String id,
    String name,
    String location,
    Stage stage,
    long turns,
    long created,
    long updated,
    SortedMap<String, String> tags,
    Optional<String> owner) {
  public static final String DEFAULT_ID = "0";
  static final String DEFAULT_NAME = "Default";

  /**
   * The stage of one of its runs: by the later of what was said of the run and of the experiment.
   *
   * @param runsTurns how many of the experiment's turns there were when the run's own stage was set
   */
  Stage stageOf(Stage own, long runsTurns) {
    return leavesToRun(runsTurns) ? own : stage;
  }

  /** Whether the run's own stage is the later word, and so counts. */
  boolean leavesToRun(long runsTurns) {
    return runsTurns >= turns;
  }

  /** Whether somebody may see it. */
  public boolean isReadBy(Access access) {
    return access.to(Resource.experiment(id), owner).includes(Permission.READ);
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
