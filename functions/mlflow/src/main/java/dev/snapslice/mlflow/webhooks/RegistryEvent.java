package dev.snapslice.mlflow.webhooks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Python;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What webhooks may be told of, and what MLflow tells when one is tested. */
public enum RegistryEvent {
  REGISTERED_MODEL_CREATED(
      "{'name':'example_model','tags':{'example_key':'example_value'},'description':'An example registered model'}"),
  MODEL_VERSION_CREATED(
      "{'name':'example_model','version':'1','source':'models:/123','run_id':'abcd1234abcd5678','tags':{'example_key':'example_value'},'description':'An example model version'}"),
  MODEL_VERSION_TAG_SET(
      "{'name':'example_model','version':'1','key':'example_key','value':'example_value'}"),
  MODEL_VERSION_TAG_DELETED("{'name':'example_model','version':'1','key':'example_key'}"),
  MODEL_VERSION_ALIAS_CREATED("{'name':'example_model','alias':'example_alias','version':'1'}"),
  MODEL_VERSION_ALIAS_DELETED("{'name':'example_model','alias':'example_alias'}"),
  PROMPT_CREATED(
      "{'name':'example_prompt','tags':{'example_key':'example_value'},'description':'An example prompt'}"),
  PROMPT_VERSION_CREATED(
      "{'name':'example_prompt','version':'1','template':'Hello {{name}}!','tags':{'example_key':'example_value'},'description':'An example prompt version'}"),
  PROMPT_TAG_SET("{'name':'example_prompt','key':'example_key','value':'example_value'}"),
  PROMPT_TAG_DELETED("{'name':'example_prompt','key':'example_key'}"),
  PROMPT_VERSION_TAG_SET(
      "{'name':'example_prompt','version':'1','key':'example_key','value':'example_value'}"),
  PROMPT_VERSION_TAG_DELETED("{'name':'example_prompt','version':'1','key':'example_key'}"),
  PROMPT_ALIAS_CREATED("{'name':'example_prompt','alias':'example_alias','version':'1'}"),
  PROMPT_ALIAS_DELETED("{'name':'example_prompt','alias':'example_alias'}"),
  BUDGET_POLICY_EXCEEDED(
      "{'budget_policy_id':'bp-abc123','budget_unit':'USD','budget_amount':100.0,'current_spend':105.5,'duration_unit':'MONTHS','duration_value':1,'target_scope':'ENDPOINT','workspace':'default','target_value':'ep-abc123','window_start':1704067200000}");

  /** Both are numbered from one on. */
  private static final String[] ENTITIES = {
    "REGISTERED_MODEL",
    "MODEL_VERSION",
    "MODEL_VERSION_TAG",
    "MODEL_VERSION_ALIAS",
    "PROMPT",
    "PROMPT_VERSION",
    "PROMPT_TAG",
    "PROMPT_VERSION_TAG",
    "PROMPT_ALIAS",
    "BUDGET_POLICY"
  };

  private static final String[] ACTIONS = {"CREATED", "UPDATED", "DELETED", "SET", "EXCEEDED"};

  static final Field[] FIELDS = {Field.choice("entity", ENTITIES), Field.choice("action", ACTIONS)};

  private final String example;

  RegistryEvent(String example) {
    this.example = example.replace('\'', '"');
  }

  /**
   * The event that a message names.
   *
   * @throws MlflowException if there is none
   */
  static RegistryEvent read(Message message) {
    String entity = word(message, "entity");
    String action = word(message, "action");
    return Stream.of(values())
        .filter(event -> event.entity().equals(entity) && event.action().equals(action))
        .findFirst()
        .orElseThrow(() ->
            MlflowException.invalid(
                "Invalid action '%s' for entity '%s'. Valid actions are: %s"
                    .formatted(action, entity, actions(entity))));
  }

  private static String word(Message message, String field) {
    return message.given(field).orElse(field + "_unspecified").toLowerCase(Locale.ROOT);
  }

  private static String actions(String entity) {
    List<String> all =
        Stream.of(values())
            .filter(event -> event.entity().equals(entity))
            .map(event -> Python.repr(event.action()))
            .sorted()
            .toList();
    return "[" + String.join(", ", all) + "]";
  }

  /** As payloads name it. */
  String entity() {
    return name().substring(0, name().lastIndexOf('_')).toLowerCase(Locale.ROOT);
  }

  /** As payloads name it. */
  String action() {
    return name().substring(name().lastIndexOf('_') + 1).toLowerCase(Locale.ROOT);
  }

  ObjectNode json() {
    return Json.MAPPER
        .createObjectNode()
        .put("entity", entity().toUpperCase(Locale.ROOT))
        .put("action", action().toUpperCase(Locale.ROOT));
  }

  ObjectNode example() {
    return Json.read(example, ObjectNode.class);
  }
}
