package dev.snapslice.mlflow.datasets;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.PythonJson;
import dev.snapslice.mlflow.table.ContentHash;
import java.util.List;
import java.util.Locale;

/**
 * A record as MLflow tells it. Its id follows from its inputs, so that who sends the same inputs
 * again changes the same record.
 */
record DatasetRecord(String id, ObjectNode json) {
  private static final String TAGS = "tags";
  private static final String OUTPUTS = "outputs";
  private static final String EXPECTATIONS = "expectations";
  private static final List<String> SOURCES =
      List.of("UNSPECIFIED", "TRACE", "HUMAN", "DOCUMENT", "CODE");

  /**
   * The id of what was sent.
   *
   * @throws MlflowException if it is no record
   */
  static String id(JsonNode sent) {
    if (!sent.isObject()) {
      throw MlflowException.invalid("a record must be a JSON object");
    }
    checkObject(sent, "inputs");
    checkObject(sent, EXPECTATIONS);
    checkObject(sent, TAGS);
    checkObject(sent, "source");
    if (sent.path("inputs").isNull()) {
      throw MlflowException.invalid("inputs must be provided");
    }
    return "dr-" + ContentHash.of(PythonJson.sorted(inputs(sent)).getBytes(UTF_8));
  }

  private static void checkObject(JsonNode sent, String field) {
    if (sent.hasNonNull(field) && !sent.get(field).isObject()) {
      throw MlflowException.invalid("'%s' of a record must be a JSON object".formatted(field));
    }
  }

  private static JsonNode inputs(JsonNode sent) {
    return sent.path("inputs").isObject() ? sent.get("inputs") : Json.MAPPER.createObjectNode();
  }

  /** A new record. */
  static DatasetRecord of(String datasetId, JsonNode sent, long now) {
    String id = id(sent);
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("dataset_record_id", id);
    json.put("dataset_id", datasetId);
    json.set("inputs", inputs(sent));
    if (!sent.has(OUTPUTS)) {
      json.putObject(OUTPUTS);
    } else if (sent.hasNonNull(OUTPUTS)) {
      json.set(OUTPUTS, sent.get(OUTPUTS));
    }
    if (sent.hasNonNull(EXPECTATIONS)) {
      json.set(EXPECTATIONS, sent.get(EXPECTATIONS));
    }
    json.set(TAGS, sent.hasNonNull(TAGS) ? sent.get(TAGS) : Json.MAPPER.createObjectNode());
    if (!sent.path("source").isEmpty()) {
      putSource(json, sent.get("source"));
    }
    json.put("created_time", now);
    json.put("last_update_time", now);
    if (sent.path(TAGS).hasNonNull(Datasets.USER)) {
      json.set("created_by", sent.get(TAGS).get(Datasets.USER));
      json.set("last_updated_by", sent.get(TAGS).get(Datasets.USER));
    }
    return new DatasetRecord(id, json);
  }

  private static void putSource(ObjectNode json, JsonNode sent) {
    String type = sent.path("source_type").asText().toUpperCase(Locale.ROOT);
    if (!SOURCES.contains(type)) {
      throw MlflowException.invalid(
          "Invalid dataset record source type: %s. Valid source types: ['UNSPECIFIED', 'TRACE', 'HUMAN', 'DOCUMENT', 'CODE']"
              .formatted(type));
    }
    JsonNode data = sent.path("source_data");
    ObjectNode source = json.putObject("source").put("source_type", type);
    source.set("source_data", data.isObject() ? data : Json.MAPPER.createObjectNode());
    JsonNode id = data.path(type.equals("TRACE") ? "trace_id" : "source_id");
    if (id.isTextual()) {
      json.set("source_id", id);
    }
    json.put("source_type", type);
  }

  /** The same record with what was sent of it later. */
  DatasetRecord with(JsonNode sent, long now) {
    ObjectNode merged = json.deepCopy();
    if (sent.hasNonNull(OUTPUTS)) {
      merged.set(OUTPUTS, sent.get(OUTPUTS));
    } else if (sent.has(OUTPUTS)) {
      merged.remove(OUTPUTS);
    }
    for (String field : List.of(EXPECTATIONS, TAGS)) {
      if (!sent.path(field).isEmpty()) {
        merged.withObject("/" + field).setAll((ObjectNode) sent.get(field));
      }
    }
    merged.put("last_update_time", now);
    if (sent.path(TAGS).hasNonNull(Datasets.USER)) {
      merged.set("last_updated_by", sent.get(TAGS).get(Datasets.USER));
    }
    return new DatasetRecord(id, merged);
  }
}
