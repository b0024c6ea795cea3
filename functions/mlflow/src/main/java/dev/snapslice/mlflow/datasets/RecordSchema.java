package dev.snapslice.mlflow.datasets;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.PythonJson;
import java.util.List;
import java.util.Optional;

/** What fields the records of a dataset have, and of which types: each field's first one counts. */
final class RecordSchema {
  private static final String OUTPUTS = "outputs";

  private RecordSchema() {}

  /** A schema with the fields of more records. */
  static Optional<String> with(Optional<String> known, List<JsonNode> records) {
    if (records.isEmpty()) {
      return known;
    }
    ObjectNode schema =
        known.map(text -> Json.read(text, ObjectNode.class)).orElseGet(RecordSchema::none);
    for (JsonNode record : records) {
      add(schema, "inputs", record.path("inputs"));
      JsonNode outputs = record.path(OUTPUTS);
      if (outputs.isObject()) {
        add(schema, OUTPUTS, outputs);
      } else if (!outputs.isNull() && !outputs.isMissingNode() && schema.get(OUTPUTS).isEmpty()) {
        schema.put(OUTPUTS, type(outputs));
      }
      add(schema, "expectations", record.path("expectations"));
    }
    return Optional.of(PythonJson.dumps(schema));
  }

  private static ObjectNode none() {
    ObjectNode schema = Json.MAPPER.createObjectNode();
    schema.putObject("inputs");
    schema.putObject(OUTPUTS);
    schema.putObject("expectations");
    return schema.put("version", "1.0");
  }

  /** Outputs that are no object have made the outputs' type a word, which has no fields. */
  private static void add(ObjectNode schema, String part, JsonNode values) {
    if (schema.get(part) instanceof ObjectNode fields) {
      for (var value : values.properties()) {
        if (!fields.has(value.getKey())) {
          fields.put(value.getKey(), type(value.getValue()));
        }
      }
    }
  }

  private static String type(JsonNode value) {
    return switch (value.getNodeType()) {
      case BOOLEAN -> "boolean";
      case NUMBER -> value.isIntegralNumber() ? "integer" : "float";
      case STRING -> "string";
      case ARRAY -> "array";
      case OBJECT -> "object";
      default -> "null";
    };
  }
}
