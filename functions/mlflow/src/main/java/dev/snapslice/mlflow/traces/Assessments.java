package dev.snapslice.mlflow.traces;

import static dev.snapslice.mlflow.protocol.Field.flag;
import static dev.snapslice.mlflow.protocol.Field.json;
import static dev.snapslice.mlflow.protocol.Field.message;
import static dev.snapslice.mlflow.protocol.Field.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.PythonJson;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** How assessments are read as {@code Assessment} messages, and kept as those. */
record Assessments(InstantSource clock, RandomGenerator random) {
  /** Of the message. */
  static final Field[] FIELDS = {
    text("assessment_id"),
    text("assessment_name"),
    text("trace_id"),
    text("span_id"),
    message("source", text("source_type"), text("source_id")),
    text("create_time"),
    text("last_update_time"),
    json("feedback"),
    json("expectation"),
    json("issue"),
    text("rationale"),
    json("metadata"),
    text("overrides"),
    flag("valid")
  };

  private static final Set<String> SOURCES = Set.of("HUMAN", "LLM_JUDGE", "CODE");

  /**
   * Reads an assessment that is new. One that says when it was made has an id that follows from
   * what it says, so that it is there once, however often it is sent.
   *
   * @throws MlflowException if it assesses nothing
   */
  ObjectNode read(String traceId, Message sent) {
    ObjectNode kept = Json.MAPPER.createObjectNode();
    kept.put("assessment_name", sent.text("assessment_name")).put("trace_id", traceId);
    sent.given("span_id").ifPresent(span -> kept.put("span_id", span));
    Message source = sent.message("source").orElseGet(Message::empty);
    String type = source.text("source_type");
    ObjectNode told = kept.putObject("source");
    told.put("source_type", SOURCES.contains(type) ? type : "SOURCE_TYPE_UNSPECIFIED");
    source.given("source_id").ifPresent(id -> told.put("source_id", id));
    String now = Times.moment(clock.millis());
    for (String time : new String[] {"create_time", "last_update_time"}) {
      kept.put(time, sent.given(time).map(t -> Times.moment(Times.millis(t))).orElse(now));
    }
    value(kept, sent);
    sent.given("rationale").ifPresent(rationale -> kept.put("rationale", rationale));
    metadata(kept, sent);
    sent.given("overrides").ifPresent(overrides -> kept.put("overrides", overrides));
    kept.put("valid", true);
    return kept.put("assessment_id", sent.given("assessment_id").orElseGet(() -> id(kept, sent)));
  }

  private String id(ObjectNode kept, Message sent) {
    UUID id =
        sent.has("create_time")
            ? UUID.nameUUIDFromBytes(Json.write(kept).getBytes(StandardCharsets.UTF_8))
            : new UUID(random.nextLong(), random.nextLong());
    return "a-" + id.toString().replace("-", "");
  }

  private static void value(ObjectNode kept, Message sent) {
    Optional<JsonNode> feedback = sent.json("feedback");
    Optional<JsonNode> expectation = sent.json("expectation");
    Optional<JsonNode> issue = sent.json("issue");
    if (feedback.isPresent()) {
      kept.set("feedback", feedback(feedback.get()));
    } else if (expectation.isPresent()) {
      kept.set("expectation", expectation(expectation.get()));
    } else if (issue.isPresent()) {
      kept.putObject("issue").put("issue_name", issue.get().path("issue_name").asText());
    } else {
      throw MlflowException.invalid("Unknown assessment type: None");
    }
  }

  private static ObjectNode feedback(JsonNode sent) {
    ObjectNode kept = Json.MAPPER.createObjectNode();
    kept.set("value", value(sent.path("value")));
    if (sent.path("error").isObject()) {
      ObjectNode error = kept.putObject("error");
      sent.path("error").properties().stream()
          .filter(field -> !field.getValue().asText().isEmpty())
          .forEach(field -> error.put(field.getKey(), field.getValue().asText()));
    }
    return kept;
  }

  /** What is neither a text, a number nor a truth is kept as text. */
  private static ObjectNode expectation(JsonNode sent) {
    JsonNode serialized = sent.path("serialized_value");
    if (!serialized.isMissingNode()
        && !serialized.path("serialization_format").asText().equals("JSON_FORMAT")) {
      throw MlflowException.invalid(
          "Unknown serialization format: %s. Only JSON_FORMAT is supported."
              .formatted(serialized.path("serialization_format").asText()));
    }
    JsonNode value =
        serialized.isMissingNode()
            ? value(sent.path("value"))
            : PythonJson.loads(serialized.path("value").asText())
                .orElseThrow(() ->
                    MlflowException.invalid("the serialized value of the expectation is no JSON"));
    ObjectNode kept = Json.MAPPER.createObjectNode();
    if (value.isContainerNode()) {
      kept.putObject("serialized_value")
          .put("serialization_format", "JSON_FORMAT")
          .put("value", PythonJson.dumps(value));
    } else {
      kept.set("value", value);
    }
    return kept;
  }

  private static JsonNode value(JsonNode sent) {
    if (Attributes.isDeep(sent)) {
      throw MlflowException.invalid("the value of an assessment is nested too deeply");
    }
    return floats(sent);
  }

  /** Numbers of protobuf's values have fractions. */
  private static JsonNode floats(JsonNode value) {
    return switch (value.getNodeType()) {
      case NUMBER -> DoubleNode.valueOf(value.asDouble());
      case ARRAY -> {
        ArrayNode floats = Json.MAPPER.createArrayNode();
        value.forEach(each -> floats.add(floats(each)));
        yield floats;
      }
      case OBJECT -> {
        ObjectNode floats = Json.MAPPER.createObjectNode();
        value.properties().forEach(pair -> floats.set(pair.getKey(), floats(pair.getValue())));
        yield floats;
      }
      case MISSING -> Json.MAPPER.nullNode();
      default -> value;
    };
  }

  /** What an assessment says, as JSON. */
  static JsonNode said(JsonNode assessment) {
    JsonNode said =
        Stream.of("feedback", "expectation", "issue")
            .map(assessment::path)
            .filter(JsonNode::isObject)
            .findFirst()
            .orElseGet(Json.MAPPER::createObjectNode);
    if (said.has("serialized_value")) {
      return PythonJson.loads(said.path("serialized_value").path("value").asText()).orElseThrow();
    }
    return said.has("value") ? said.get("value") : Json.MAPPER.nullNode();
  }

  private static void metadata(ObjectNode kept, Message sent) {
    sent.json("metadata")
        .filter(metadata -> !metadata.isEmpty())
        .ifPresent(metadata ->
            metadata
                .properties()
                .forEach(pair ->
                    kept.withObject("/metadata").put(pair.getKey(), pair.getValue().asText())));
  }

  /**
   * Changes an assessment.
   *
   * @param paths the fields of the message that are meant
   * @throws MlflowException if it is of another kind
   */
  void update(ObjectNode kept, Message sent, Iterable<String> paths) {
    for (String path : paths) {
      switch (path) {
        case "assessment_name", "rationale" -> kept.put(path, sent.text(path));
        case "feedback", "expectation" -> {
          if (!kept.has(path)) {
            throw MlflowException.invalid(
                path.equals("feedback")
                    ? "Cannot update feedback value on an Expectation assessment."
                    : "Cannot update expectation value on a Feedback assessment.");
          }
          value(kept, sent);
        }
        case "metadata" -> metadata(kept, sent);
        default -> {
          // Nothing else changes.
        }
      }
    }
    kept.put("last_update_time", Times.moment(clock.millis()));
  }
}
