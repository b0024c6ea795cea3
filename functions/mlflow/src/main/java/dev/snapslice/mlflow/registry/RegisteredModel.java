package dev.snapslice.mlflow.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Access;
import dev.snapslice.core.permission.Permission;
import dev.snapslice.core.permission.Permissions;
import dev.snapslice.core.permission.Resource;
import dev.snapslice.mlflow.table.StoredTexts;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A registered model without its versions; they read parts of it.
 *
 * @param generation names its versions: another model of the same name, later, has others
 * @param aliases with the number of the version that each stands for
 * @param last the highest number that a version of it ever had
 * @param changes counts what was changed of it
 * @param clearings when all versions of a stage were archived at once, for each stage
 * @param created epoch milliseconds
 * @param updated epoch milliseconds
 * @param renamed epoch milliseconds; that changed its versions, too
 * @param owner who made it, if they still have the permission that this gave them
 */
record RegisteredModel(
    String name,
    String generation,
    String description,
    SortedMap<String, String> tags,
    SortedMap<String, Long> aliases,
    long last,
    long changes,
    Map<ModelStage, Clearing> clearings,
    long created,
    long updated,
    long renamed,
    Optional<String> owner) {
  static final String IS_PROMPT = "mlflow.prompt.is_prompt";

  /**
   * All versions of a stage were archived at once.
   *
   * @param change the count of the model's changes by then: what entered the stage later is in it
   * @param moment epoch milliseconds
   */
  record Clearing(long change, long moment) {}

  static RegisteredModel of(Map<String, AttributeValue> item) {
    SortedMap<String, Long> aliases = new TreeMap<>();
    item.get("aliases").m().forEach((alias, n) -> aliases.put(alias, Long.parseLong(n.n())));
    Map<ModelStage, Clearing> clearings = new EnumMap<>(ModelStage.class);
    item.get("clearings")
        .m()
        .forEach((stage, clearing) ->
            clearings.put(
                ModelStage.of(stage),
                new Clearing(number(clearing.m(), "change"), number(clearing.m(), "moment"))));
    return new RegisteredModel(
        item.get("sk").s(),
        item.get("generation").s(),
        item.get("description").s(),
        StoredTexts.read(item.get("tags")),
        aliases,
        number(item, "last"),
        number(item, "changes"),
        clearings,
        number(item, "created"),
        number(item, "updated"),
        number(item, "renamed"),
        Optional.ofNullable(item.get(Permissions.OWNER)).map(AttributeValue::s));
  }

  static long number(Map<String, AttributeValue> item, String attribute) {
    return Long.parseLong(item.get(attribute).n());
  }

  boolean isPrompt() {
    return isPrompt(tags);
  }

  /** What permissions are given for. */
  Resource resource() {
    return new Resource(Registry.kind(tags), generation);
  }

  /** Whether somebody may see it, and its versions. */
  boolean isReadBy(Access access) {
    return access.to(resource(), owner).includes(Permission.READ);
  }

  /** Whether tags make a prompt of what has them. */
  static boolean isPrompt(Map<String, String> tags) {
    return tags.getOrDefault(IS_PROMPT, "false").equalsIgnoreCase("true");
  }

  /** The aliases of one of its versions. */
  List<String> aliasesOf(long version) {
    return aliases.entrySet().stream()
        .filter(alias -> alias.getValue() == version)
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * The newest version of each stage.
   *
   * @param versions of this model, the oldest first
   */
  static List<ModelVersion> latest(List<ModelVersion> versions) {
    Map<ModelStage, ModelVersion> latest = new LinkedHashMap<>();
    versions.stream()
        .filter(ModelVersion::isThere)
        .forEach(version -> latest.put(version.stage(), version));
    return new ArrayList<>(latest.values());
  }

  /**
   * The {@code RegisteredModel} message.
   *
   * @param versions of this model, the oldest first
   */
  ObjectNode json(List<ModelVersion> versions) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("name", name);
    json.put("creation_timestamp", created);
    json.put("last_updated_timestamp", updated);
    if (!description.isEmpty()) {
      json.put("description", description);
    }
    latest(versions).forEach(v -> json.withArray("/latest_versions").add(v.json(List.of())));
    tags.forEach(
        (key, value) -> json.withArray("/tags").addObject().put("key", key).put("value", value));
    aliases.forEach((alias, version) ->
        json.withArray("/aliases").addObject().put("alias", alias).put("version", "" + version));
    return json;
  }
}
