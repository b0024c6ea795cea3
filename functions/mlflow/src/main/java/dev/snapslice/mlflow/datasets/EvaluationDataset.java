package dev.snapslice.mlflow.datasets;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.PythonJson;
import dev.snapslice.mlflow.table.ContentHash;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A dataset without its records.
 *
 * @param state what its records change
 * @param created epoch milliseconds
 */
record EvaluationDataset(
    String id,
    String name,
    SortedMap<String, String> tags,
    List<String> experiments,
    State state,
    long created,
    Optional<String> creator) {
  private static final int DIGEST = 8;

  /**
   * What changes with each change of the records or experiments.
   *
   * @param revision counts the changes
   * @param records how many there are; empty as long as none was ever there
   * @param schema as JSON
   * @param digested the moment that the digest is of
   * @param updated epoch milliseconds
   */
  record State(
      long revision,
      Optional<Long> records,
      Optional<String> schema,
      long digested,
      long updated,
      Optional<String> updater) {}

  /** The {@code Dataset} message. */
  ObjectNode json() {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("dataset_id", id);
    json.put("name", name);
    ObjectNode texts = Json.MAPPER.createObjectNode();
    tags.forEach(texts::put);
    json.put("tags", PythonJson.dumps(texts));
    state.schema().ifPresent(schema -> json.put("schema", schema));
    state
        .records()
        .ifPresent(count ->
            json.put("profile", count > 0 ? "{\"num_records\": %d}".formatted(count) : "null"));
    String digest = ContentHash.of((name + ":" + state.digested()).getBytes(UTF_8));
    json.put("digest", digest.substring(0, DIGEST));
    json.put("created_time", created);
    json.put("last_update_time", state.updated());
    creator.ifPresent(user -> json.put("created_by", user));
    state.updater().ifPresent(user -> json.put("last_updated_by", user));
    return json;
  }
}
