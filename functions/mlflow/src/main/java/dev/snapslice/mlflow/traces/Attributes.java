package dev.snapslice.mlflow.traces;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** OpenTelemetry's attributes: pairs of names and values of many types. */
final class Attributes {
  private Attributes() {}

  /** By name, as plain JSON; of two with one name the last counts. */
  static Map<String, JsonNode> of(JsonNode message) {
    Map<String, JsonNode> attributes = new LinkedHashMap<>();
    for (JsonNode pair : message.path("attributes")) {
      attributes.put(pair.path("key").asText(), plain(pair.path("value")));
    }
    return attributes;
  }

  private static JsonNode plain(JsonNode any) {
    if (any.has("array_value")) {
      var plain = Json.MAPPER.createArrayNode();
      any.path("array_value").path("values").forEach(each -> plain.add(plain(each)));
      return plain;
    }
    if (any.has("kvlist_value")) {
      ObjectNode plain = Json.MAPPER.createObjectNode();
      for (JsonNode pair : any.path("kvlist_value").path("values")) {
        plain.set(pair.path("key").asText(), plain(pair.path("value")));
      }
      return plain;
    }
    return any.isEmpty() ? Json.MAPPER.nullNode() : any.iterator().next();
  }

  /** The message that plain JSON comes from. */
  static ObjectNode any(JsonNode plain) {
    ObjectNode any = Json.MAPPER.createObjectNode();
    switch (plain.getNodeType()) {
      case STRING -> any.set("string_value", plain);
      case BOOLEAN -> any.set("bool_value", plain);
      case NUMBER -> any.set(plain.isIntegralNumber() ? "int_value" : "double_value", plain);
      case ARRAY -> {
        ObjectNode values = any.putObject("array_value");
        plain.forEach(each -> values.withArray("/values").add(any(each)));
      }
      case OBJECT -> {
        ObjectNode pairs = any.putObject("kvlist_value");
        plain
            .properties()
            .forEach(each -> pairs.withArray("/values").add(pair(each.getKey(), each.getValue())));
      }
      default -> {
        // Nothing has no field.
      }
    }
    return any;
  }

  /** A pair of a name and a value. */
  static ObjectNode pair(String name, JsonNode plain) {
    ObjectNode pair = Json.MAPPER.createObjectNode().put("key", name);
    if (!plain.isNull()) {
      pair.set("value", any(plain));
    }
    return pair;
  }

  /**
   * What a text stands for that is JSON itself, but for numbers and the like: who sends such means
   * what it says.
   */
  static JsonNode unwrapped(JsonNode value) {
    if (value.isTextual()) {
      try {
        JsonNode inside = Json.MAPPER.readTree(value.asText());
        boolean means = inside.isTextual() || inside.isContainerNode();
        return means && !isDeep(inside) ? inside : value;
      } catch (JsonProcessingException e) {
        // It is a text.
      }
    }
    return value;
  }

  /** Whether JSON is nested deeper than protobuf reads messages. */
  static boolean isDeep(JsonNode json) {
    return isDeeper(json, OtlpReader.DEEPEST);
  }

  private static boolean isDeeper(JsonNode json, int levels) {
    return json.isContainerNode()
        && (levels == 0 || json.valueStream().anyMatch(each -> isDeeper(each, levels - 1)));
  }

  /** One that is a text. */
  static Optional<String> text(Map<String, JsonNode> attributes, String name) {
    return Optional.ofNullable(attributes.get(name))
        .filter(JsonNode::isTextual)
        .map(JsonNode::asText)
        .filter(text -> !text.isEmpty());
  }
}
