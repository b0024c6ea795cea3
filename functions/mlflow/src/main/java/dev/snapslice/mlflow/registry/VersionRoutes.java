package dev.snapslice.mlflow.registry;

import static dev.snapslice.mlflow.protocol.Field.flag;
import static dev.snapslice.mlflow.protocol.Field.integer;
import static dev.snapslice.mlflow.protocol.Field.messages;
import static dev.snapslice.mlflow.protocol.Field.text;
import static dev.snapslice.mlflow.protocol.Field.texts;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.artifact.ArtifactPath;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Permissions;
import dev.snapslice.mlflow.artifacts.Artifacts;
import dev.snapslice.mlflow.models.LoggedModel;
import dev.snapslice.mlflow.models.LoggedModels;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.protocol.Page;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.mlflow.registry.ModelVersions.Found;
import dev.snapslice.mlflow.registry.ModelVersions.Start;
import dev.snapslice.mlflow.registry.Sources.Origin;
import dev.snapslice.mlflow.table.Change;
import dev.snapslice.mlflow.tracking.Checks;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;

/** The operations on versions of registered models. */
final class VersionRoutes {
  private static final Field NAME = text("name").mandatory();
  private static final Field VERSION = text("version").mandatory();
  private static final Field KEY = text("key").mandatory();
  private static final String VERSIONS_TAG = "mlflow.modelVersions";

  private final ModelVersions versions;
  private final Transitions transitions;
  private final VersionSearch search;
  private final Sources sources;
  private final LoggedModels logged;
  private final Artifacts artifacts;
  private final Permissions permissions;
  private final Told told;

  VersionRoutes(
      ModelVersions versions,
      Transitions transitions,
      VersionSearch search,
      Sources sources,
      LoggedModels logged,
      Artifacts artifacts,
      Permissions permissions,
      Told told) {
    this.told = told;
    this.permissions = permissions;
    this.versions = versions;
    this.transitions = transitions;
    this.search = search;
    this.sources = sources;
    this.logged = logged;
    this.artifacts = artifacts;
  }

  void addTo(Routes routes) {
    String path = "/api/2.0/mlflow/model-versions/";
    List<Field> created =
        List.of(
            NAME,
            text("source").mandatory(),
            text("run_id"),
            messages("tags", text("key"), text("value")),
            text("run_link"),
            text("description"),
            text("model_id"));
    List<Field> searched =
        List.of(text("filter"), integer("max_results"), texts("order_by"), text("page_token"));
    List<Field> moved =
        List.of(NAME, VERSION, text("stage").mandatory(), flag("archive_existing_versions"));
    routes
        .add("POST", path + "create", created, this::create)
        .add("GET", path + "get", List.of(NAME, VERSION), this::get)
        .add(
            "GET",
            path + "get-download-uri",
            List.of(text("name"), text("version")),
            this::location)
        .add("GET", "/model-versions/get-artifact", this::artifact)
        .add("GET", path + "search", searched, this::search)
        .add("PATCH", path + "update", List.of(NAME, VERSION, text("description")), this::update)
        .add("POST", path + "transition-stage", moved, this::move)
        .add("DELETE", path + "delete", List.of(NAME, VERSION), this::delete)
        .add("POST", path + "set-tag", List.of(NAME, VERSION, KEY, text("value")), this::tag)
        .add("DELETE", path + "delete-tag", List.of(NAME, VERSION, KEY), this::untag);
  }

  static Reply reply(Found found) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.set("model_version", found.version().json(found.aliases()));
    return Reply.json(json);
  }

  private Reply create(Message request) {
    SortedMap<String, String> tags = request.pairs("tags");
    Origin asked =
        new Origin(request.text("source"), told(request, "run_id"), told(request, "model_id"));
    boolean prompt = RegisteredModel.isPrompt(tags);
    Origin origin = asked;
    if (prompt) {
      Sources.checkPrompt(asked.source());
    } else {
      origin = sources.check(asked);
    }
    Names.model(request.text("name"));
    request.eachPair("tags", Names::versionTag);
    LoggedSource source = sources.find(origin);
    String name = request.text("name");
    Optional<String> model = origin.modelId().filter(id -> !prompt && !id.isEmpty());
    Found created =
        versions.create(
            name,
            new Start(
                origin.source(),
                source.location(),
                source.runId(),
                request.text("run_link"),
                request.text("description"),
                tags),
            number ->
                told.versionCreated(
                    name,
                    number,
                    asked.source(),
                    source.runId(),
                    request.text("description"),
                    tags),
            number -> model.map(id -> note(id, name, number)).stream().toList());
    return reply(created);
  }

  /** A logged model tells which versions it became. */
  private TransactWriteItem note(String modelId, String name, long number) {
    ArrayNode all = Json.MAPPER.createArrayNode();
    LoggedModel model = logged.get(modelId);
    String known = model.tags().getOrDefault(VERSIONS_TAG, "[]");
    try {
      if (Json.MAPPER.readTree(known) instanceof ArrayNode before) {
        all.addAll(before);
      }
    } catch (JsonProcessingException e) {
      throw MlflowException.invalid(
          "the tag %s of the logged model %s is no JSON".formatted(VERSIONS_TAG, modelId));
    }
    all.addObject().put("name", name).put("version", number);
    return logged.tagging(model, VERSIONS_TAG, Json.write(all));
  }

  private static Optional<String> told(Message request, String field) {
    return request.has(field) ? Optional.of(request.text(field)) : Optional.empty();
  }

  private Reply get(Message request) {
    return reply(found(request));
  }

  private Found found(Message request) {
    Names.model(request.text("name"));
    return versions.get(request.text("name"), Names.version(request.text("version")));
  }

  private Reply location(Message request) {
    return Reply.json(
        Json.MAPPER.createObjectNode().put("artifact_uri", found(request).version().location()));
  }

  private Reply artifact(Call call) {
    ArtifactPath path = Artifacts.path(call.required("path"));
    String name = call.asked("name").orElse("");
    Names.model(name);
    long number = Names.version(call.asked("version").orElse(""));
    return artifacts.send(versions.get(name, number).version().location(), path);
  }

  private Reply search(Message request, Caller caller) {
    long asked = request.integer("max_results", VersionSearch.LARGEST_PAGE);
    if (asked < 1) {
      throw MlflowException.invalid(
          "Invalid value for max_results. It must be a positive integer, but got " + asked);
    }
    int limit = Page.limitAsText(asked, VersionSearch.LARGEST_PAGE);
    return Page.reply(
        "model_versions",
        search.find(request.text("filter"), request.texts("order_by"), permissions.of(caller)),
        request.text("page_token"),
        limit,
        version -> version.json(List.of()));
  }

  private Reply update(Message request) {
    Change change = versions.now();
    if (request.has("description")) {
      change.set("description", fromS(request.text("description")));
    } else {
      change.remove("description");
    }
    return reply(change(request, change));
  }

  private Found change(Message request, Change change) {
    Names.model(request.text("name"));
    return versions.change(request.text("name"), Names.version(request.text("version")), change);
  }

  private Reply move(Message request) {
    ModelStage stage = ModelStage.parse(request.text("stage"));
    boolean alone = request.flag("archive_existing_versions", false);
    if (alone && !stage.isActive()) {
      throw new MlflowException(
          Code.INTERNAL_ERROR,
          ("Model version transition cannot archive existing model versions because '%s' is not "
                  + "an Active stage. Valid stages are ['Staging', 'Production']")
              .formatted(request.text("stage")));
    }
    Names.model(request.text("name"));
    return reply(
        transitions.move(
            request.text("name"), Names.version(request.text("version")), stage, alone));
  }

  private Reply delete(Message request) {
    long number = Names.version(request.text("version"));
    transitions.delete(request.text("name"), number);
    return Reply.done();
  }

  private Reply tag(Message request) {
    String key = request.text("key");
    Names.model(request.text("name"));
    Names.version(request.text("version"));
    Names.versionTag(key, request.text("value"));
    versions.change(
        request.text("name"),
        Names.version(request.text("version")),
        new Change().set("tags", key, fromS(request.text("value"))),
        told.versionTagged(request));
    return Reply.done();
  }

  private Reply untag(Message request) {
    Names.model(request.text("name"));
    Names.version(request.text("version"));
    Checks.key("key", request.text("key"));
    versions.change(
        request.text("name"),
        Names.version(request.text("version")),
        new Change().remove("tags", request.text("key")),
        told.versionUntagged(request));
    return Reply.done();
  }
}
