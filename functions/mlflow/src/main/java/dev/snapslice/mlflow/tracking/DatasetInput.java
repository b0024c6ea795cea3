package dev.snapslice.mlflow.tracking;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.Message;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A dataset that a run read.
 *
 * @param json the {@code DatasetInput} message
 */
record DatasetInput(ObjectNode json) {
  private static final String CONTEXT_TAG = "mlflow.data.context";
  private static final int LONGEST_NAME = 500;
  private static final int LONGEST_DIGEST = 36;
  private static final int LONGEST_SOURCE = 65_535;
  private static final int LONGEST_SCHEMA = 1_048_575;
  private static final int LONGEST_TAG_KEY = 255;
  private static final int LONGEST_TAG_VALUE = 500;
  private static final List<String> ALWAYS = List.of("name", "digest", "source_type", "source");

  /** Reads and checks what was sent. */
  static DatasetInput of(Message message) {
    Message dataset = message.message("dataset").orElseGet(Message::empty);
    Checks.length("name", LONGEST_NAME, dataset.text("name"));
    Checks.length("digest", LONGEST_DIGEST, dataset.text("digest"));
    Checks.length("source", LONGEST_SOURCE, dataset.text("source"));
    Checks.length("schema", LONGEST_SCHEMA, dataset.text("schema"));
    ObjectNode json = Json.MAPPER.createObjectNode();
    for (Message tag : message.messages("tags")) {
      Checks.length("key", LONGEST_TAG_KEY, tag.text("key"));
      Checks.length("value", LONGEST_TAG_VALUE, tag.text("value"));
      json.withArray("/tags")
          .addObject()
          .put("key", tag.text("key"))
          .put("value", tag.text("value"));
    }
    ObjectNode told = json.putObject("dataset");
    ALWAYS.forEach(field -> told.put(field, dataset.text(field)));
    dataset.given("schema").ifPresent(schema -> told.put("schema", schema));
    dataset.given("profile").ifPresent(profile -> told.put("profile", profile));
    return new DatasetInput(json);
  }

  ObjectNode dataset() {
    return json.withObject("/dataset");
  }

  /** The same with another dataset of the same name and digest. */
  DatasetInput with(ObjectNode dataset) {
    ObjectNode other = json.deepCopy();
    other.set("dataset", dataset);
    return new DatasetInput(other);
  }

  /** The same without some tags. */
  DatasetInput without(Set<String> keys) {
    ObjectNode other = json.deepCopy();
    ArrayNode tags = other.withArray("/tags");
    for (int i = tags.size() - 1; i >= 0; i--) {
      if (keys.contains(tags.get(i).path("key").asText())) {
        tags.remove(i);
      }
    }
    if (tags.isEmpty()) {
      other.remove("tags");
    }
    return new DatasetInput(other);
  }

  /** The same with one more tag. */
  DatasetInput with(String key, String value) {
    ObjectNode other = json.deepCopy();
    other.withArray("/tags").addObject().put("key", key).put("value", value);
    return new DatasetInput(other);
  }

  String name() {
    return json.path("dataset").path("name").asText();
  }

  String digest() {
    return json.path("dataset").path("digest").asText();
  }

  /** What it was read for, as in "training". */
  Optional<String> context() {
    return tag(CONTEXT_TAG);
  }

  Optional<String> tag(String key) {
    for (var tag : json.path("tags")) {
      if (tag.path("key").asText().equals(key)) {
        return Optional.of(tag.path("value").asText());
      }
    }
    return Optional.empty();
  }
}
