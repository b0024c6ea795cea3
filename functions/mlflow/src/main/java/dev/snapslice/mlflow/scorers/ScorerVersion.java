package dev.snapslice.mlflow.scorers;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;

/**
 * A version of a scorer.
 *
 * @param id of the scorer, for all its versions
 * @param serialized the scorer itself, as JSON
 * @param created epoch milliseconds
 */
record ScorerVersion(
    String experimentId, String id, String name, long number, String serialized, long created) {

  /**
   * The {@code Scorer} message. Its experiment's id has 32 bits, which holds none of ours but the
   * default's; clients refuse a larger one, so it is left out.
   */
  ObjectNode json() {
    ObjectNode json = Json.MAPPER.createObjectNode();
    long experiment = Long.parseLong(experimentId);
    if (experiment <= Integer.MAX_VALUE) {
      json.put("experiment_id", experiment);
    }
    return json.put("scorer_name", name)
        .put("scorer_version", number)
        .put("serialized_scorer", serialized)
        .put("creation_time", created)
        .put("scorer_id", id);
  }
}
