package dev.snapslice.mlflow.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.webhooks.Announcements;
import dev.snapslice.mlflow.webhooks.Announcements.Announced;
import dev.snapslice.mlflow.webhooks.RegistryEvent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** What webhooks are told of which change: the fields that MLflow tells. Thread-safe. */
final class Told {
  private static final String TEXT = "mlflow.prompt.text";

  /** What makes a prompt of a model is no tag that was given to it. */
  private static final Set<String> PROMPTS_OWN =
      Set.of(RegisteredModel.IS_PROMPT, "_mlflow_prompt_type");

  private final Announcements announcements;
  private final RegisteredModels models;

  Told(Announcements announcements, RegisteredModels models) {
    this.announcements = announcements;
    this.models = models;
  }

  private BooleanSupplier isPrompt(Message request) {
    return () -> models.find(request.text("name")).filter(RegisteredModel::isPrompt).isPresent();
  }

  private static ObjectNode fields(Message request, String... names) {
    ObjectNode data = Json.MAPPER.createObjectNode();
    List.of(names).forEach(name -> data.put(name, request.text(name)));
    return data;
  }

  Announced created(String name, String description, Map<String, String> tags) {
    boolean prompt = RegisteredModel.isPrompt(tags);
    ObjectNode data = Json.MAPPER.createObjectNode().put("name", name);
    putTags(data, tags, prompt);
    data.put("description", description);
    return announcements.of(
        prompt ? RegistryEvent.PROMPT_CREATED : RegistryEvent.REGISTERED_MODEL_CREATED, data);
  }

  private static void putTags(ObjectNode data, Map<String, String> tags, boolean prompt) {
    ObjectNode told = data.putObject("tags");
    tags.forEach((key, value) -> {
      if (!prompt || !PROMPTS_OWN.contains(key)) {
        told.put(key, value);
      }
    });
  }

  Announced versionCreated(
      String name,
      long number,
      String source,
      Optional<String> runId,
      String description,
      Map<String, String> tags) {
    boolean prompt = RegisteredModel.isPrompt(tags);
    ObjectNode data = Json.MAPPER.createObjectNode().put("name", name).put("version", "" + number);
    if (prompt) {
      data.put("template", tags.get(TEXT));
    } else {
      data.put("source", source);
      data.put("run_id", runId.filter(id -> !id.isEmpty()).orElse(null));
    }
    putTags(data, tags, prompt);
    if (prompt) {
      data.withObject("/tags").remove(TEXT);
    }
    data.put("description", description.isEmpty() ? null : description);
    return announcements.of(
        prompt ? RegistryEvent.PROMPT_VERSION_CREATED : RegistryEvent.MODEL_VERSION_CREATED, data);
  }

  /** Only of prompts. */
  Announced modelTagged(Message request) {
    return announcements.ofPrompt(
        RegistryEvent.PROMPT_TAG_SET, isPrompt(request), fields(request, "name", "key", "value"));
  }

  /** Only of prompts. */
  Announced modelUntagged(Message request) {
    return announcements.ofPrompt(
        RegistryEvent.PROMPT_TAG_DELETED, isPrompt(request), fields(request, "name", "key"));
  }

  Announced versionTagged(Message request) {
    return announcements.of(
        RegistryEvent.PROMPT_VERSION_TAG_SET,
        RegistryEvent.MODEL_VERSION_TAG_SET,
        isPrompt(request),
        fields(request, "name", "version", "key", "value"));
  }

  Announced versionUntagged(Message request) {
    return announcements.of(
        RegistryEvent.PROMPT_VERSION_TAG_DELETED,
        RegistryEvent.MODEL_VERSION_TAG_DELETED,
        isPrompt(request),
        fields(request, "name", "version", "key"));
  }

  Announced aliased(Message request) {
    return announcements.of(
        RegistryEvent.PROMPT_ALIAS_CREATED,
        RegistryEvent.MODEL_VERSION_ALIAS_CREATED,
        isPrompt(request),
        fields(request, "name", "alias", "version"));
  }

  Announced unaliased(Message request) {
    return announcements.of(
        RegistryEvent.PROMPT_ALIAS_DELETED,
        RegistryEvent.MODEL_VERSION_ALIAS_DELETED,
        isPrompt(request),
        fields(request, "name", "alias"));
  }
}
