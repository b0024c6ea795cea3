package dev.snapslice.mlflow.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.registry.RegisteredModel.Clearing;
import dev.snapslice.mlflow.table.StoredTexts;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A version of a registered model.
 *
 * @param model its name
 * @param source URI that was told
 * @param location URI where its artifacts really are
 * @param created epoch milliseconds
 * @param updated epoch milliseconds
 */
record ModelVersion(
    String model,
    long number,
    ModelStage stage,
    Optional<String> description,
    String source,
    String location,
    Optional<String> runId,
    String runLink,
    SortedMap<String, String> tags,
    long created,
    long updated) {

  /** A version as it is by what was changed of its model after it. */
  static ModelVersion of(RegisteredModel model, Map<String, AttributeValue> item) {
    ModelStage stage = ModelStage.of(item.get("stage").s());
    long updated = Math.max(RegisteredModel.number(item, "updated"), model.renamed());
    Clearing clearing = model.clearings().get(stage);
    if (clearing != null && clearing.change() > RegisteredModel.number(item, "change")) {
      stage = ModelStage.ARCHIVED;
      updated = Math.max(updated, clearing.moment());
    }
    String sort = item.get("sk").s();
    return new ModelVersion(
        model.name(),
        Long.parseLong(sort.substring(sort.indexOf('#') + 1)),
        stage,
        text(item, "description"),
        item.get("source").s(),
        item.get("location").s(),
        text(item, "run"),
        item.get("link").s(),
        StoredTexts.read(item.get("tags")),
        RegisteredModel.number(item, "created"),
        updated);
  }

  private static Optional<String> text(Map<String, AttributeValue> item, String attribute) {
    return Optional.ofNullable(item.get(attribute)).map(AttributeValue::s);
  }

  boolean isThere() {
    return stage != ModelStage.DELETED;
  }

  /** The {@code ModelVersion} message. */
  ObjectNode json(List<String> aliases) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("name", model);
    json.put("version", "" + number);
    json.put("creation_timestamp", created);
    json.put("last_updated_timestamp", updated);
    json.put("current_stage", stage.word());
    description.ifPresent(text -> json.put("description", text));
    json.put("source", source);
    runId.ifPresent(run -> json.put("run_id", run));
    json.put("status", "READY");
    tags.forEach(
        (key, value) -> json.withArray("/tags").addObject().put("key", key).put("value", value));
    json.put("run_link", runLink);
    aliases.forEach(json.withArray("/aliases")::add);
    if (aliases.isEmpty()) {
      json.remove("aliases");
    }
    return json;
  }
}
