package dev.snapslice.mlflow.registry;

import static dev.snapslice.mlflow.protocol.Field.integer;
import static dev.snapslice.mlflow.protocol.Field.messages;
import static dev.snapslice.mlflow.protocol.Field.text;
import static dev.snapslice.mlflow.protocol.Field.texts;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Access;
import dev.snapslice.core.permission.Permissions;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Page;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.mlflow.registry.ModelVersions.Found;
import dev.snapslice.mlflow.search.Comparison;
import dev.snapslice.mlflow.search.Filter;
import dev.snapslice.mlflow.table.Change;
import dev.snapslice.mlflow.tracking.Checks;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Predicate;

/** The operations on registered models, and on the aliases and tags of them. */
final class ModelRoutes {
  private static final int DEFAULT_PAGE = 100;
  private static final int LARGEST_PAGE = 1_000;
  private static final Field NAME = text("name").mandatory();
  private static final Field KEY = text("key").mandatory();
  private static final Field ALIAS = text("alias").mandatory();
  private static final Comparator<RegisteredModel> BY_TIME =
      Comparator.comparingLong(RegisteredModel::updated);
  private static final RegistrySearch<RegisteredModel> SEARCH =
      new RegistrySearch<>(
          Map.of("name", model -> Optional.of(model.name())),
          Set.of("name"),
          Map.of(),
          RegisteredModel::tags,
          Map.of(
              "name", Comparator.comparing(RegisteredModel::name),
              "timestamp", BY_TIME,
              "last_updated_timestamp", BY_TIME),
          Set.of());

  private final RegisteredModels models;
  private final ModelVersions versions;
  private final Transitions transitions;
  private final Permissions permissions;
  private final Told told;

  ModelRoutes(
      RegisteredModels models,
      ModelVersions versions,
      Transitions transitions,
      Permissions permissions,
      Told told) {
    this.told = told;
    this.permissions = permissions;
    this.models = models;
    this.versions = versions;
    this.transitions = transitions;
  }

  void addTo(Routes routes) {
    String path = "/api/2.0/mlflow/registered-models/";
    List<Field> created =
        List.of(NAME, messages("tags", text("key"), text("value")), text("description"));
    List<Field> search =
        List.of(text("filter"), integer("max_results"), texts("order_by"), text("page_token"));
    List<Field> latest = List.of(NAME, texts("stages"));
    routes
        .add("POST", path + "create", created, this::create)
        .add("GET", path + "get", List.of(NAME), this::get)
        .add("GET", path + "search", search, this::search)
        .add("PATCH", path + "update", List.of(NAME, text("description")), this::update)
        .add("POST", path + "rename", List.of(NAME, text("new_name").mandatory()), this::rename)
        .add("DELETE", path + "delete", List.of(NAME), this::delete)
        .add("GET", path + "get-latest-versions", latest, this::latest)
        .search(path + "get-latest-versions", latest, this::latest)
        .add("POST", path + "set-tag", List.of(NAME, KEY, text("value")), this::tag)
        .add("DELETE", path + "delete-tag", List.of(NAME, KEY), this::untag)
        .add("POST", path + "alias", List.of(NAME, ALIAS, text("version").mandatory()), this::alias)
        .add("DELETE", path + "alias", List.of(NAME, ALIAS), this::unalias)
        .add("GET", path + "alias", List.of(NAME, ALIAS), this::byAlias);
  }

  private Reply create(Message request, Caller caller) {
    SortedMap<String, String> tags = request.pairs("tags");
    Names.model(request.text("name"));
    request.eachPair("tags", Names::modelTag);
    RegisteredModel created =
        models.create(
            request.text("name"),
            request.text("description"),
            tags,
            caller.principal(),
            told.created(request.text("name"), request.text("description"), tags));
    return reply(created, List.of());
  }

  private static Reply reply(RegisteredModel model, List<ModelVersion> versions) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.set("registered_model", model.json(versions));
    return Reply.json(json);
  }

  private Reply get(Message request) {
    return withVersions(models.get(request.text("name")));
  }

  private Reply withVersions(RegisteredModel model) {
    return reply(model, versions.of(model));
  }

  private Reply search(Message request, Caller caller) {
    Access access = permissions.of(caller);
    int limit = Page.limitAsText(request.integer("max_results", DEFAULT_PAGE), LARGEST_PAGE);
    List<Comparison> filter = Filter.parse(request.text("filter"));
    Predicate<RegisteredModel> wanted = SEARCH.filter(filter);
    Comparator<RegisteredModel> order = SEARCH.order(request.texts("order_by"), List.of("name"));
    boolean prompts = RegistrySearch.asksForPrompts(filter);
    List<RegisteredModel> found =
        models.all().stream()
            .filter(model -> prompts || !RegistrySearch.isPrompt(model.tags()))
            .filter(wanted)
            .filter(model -> model.isReadBy(access))
            .sorted(order)
            .toList();
    Map<String, List<ModelVersion>> all = found.isEmpty() ? Map.of() : versions.of(found);
    return Page.reply(
        "registered_models",
        found,
        request.text("page_token"),
        limit,
        model -> model.json(all.getOrDefault(model.name(), List.of())));
  }

  private Reply update(Message request) {
    Change change = models.now().set("description", fromS(request.text("description")));
    return withVersions(models.change(request.text("name"), change));
  }

  private Reply rename(Message request) {
    return withVersions(models.rename(request.text("name"), request.text("new_name")));
  }

  private Reply delete(Message request) {
    versions.forget(models.delete(request.text("name")));
    return Reply.done();
  }

  private Reply latest(Message request) {
    List<Found> all = versions.latest(request.text("name"), ModelStage.ALL);
    List<ModelStage> stages = request.texts("stages").stream().map(ModelStage::parse).toList();
    ObjectNode json = Json.MAPPER.createObjectNode();
    all.stream()
        .filter(found -> stages.isEmpty() || stages.contains(found.version().stage()))
        .forEach(
            found -> json.withArray("/model_versions").add(found.version().json(found.aliases())));
    return Reply.json(json);
  }

  private Reply tag(Message request) {
    String key = request.text("key");
    Names.model(request.text("name"));
    Names.modelTag(key, request.text("value"));
    checkKind(request.text("name"), key, Map.of(key, request.text("value")));
    models.change(
        request.text("name"),
        new Change().set("tags", key, fromS(request.text("value"))),
        told.modelTagged(request));
    return Reply.done();
  }

  /** Other permissions count for prompts than for models: who may tag may not choose among them. */
  private void checkKind(String name, String key, Map<String, String> tags) {
    if (key.equals(RegisteredModel.IS_PROMPT)
        && models.get(name).isPrompt() != RegisteredModel.isPrompt(tags)) {
      throw MlflowException.invalid("a prompt stays a prompt, and a registered model a model");
    }
  }

  private Reply untag(Message request) {
    Names.model(request.text("name"));
    Checks.key("key", request.text("key"));
    checkKind(request.text("name"), request.text("key"), Map.of());
    models.change(
        request.text("name"),
        new Change().remove("tags", request.text("key")),
        told.modelUntagged(request));
    return Reply.done();
  }

  private Reply alias(Message request) {
    Names.model(request.text("name"));
    Names.newAlias(request.text("alias"));
    transitions.alias(
        request.text("name"),
        request.text("alias"),
        Names.version(request.text("version")),
        told.aliased(request));
    return Reply.done();
  }

  private Reply unalias(Message request) {
    Names.model(request.text("name"));
    Names.alias(request.text("alias"));
    models.change(
        request.text("name"),
        new Change().remove("aliases", request.text("alias")),
        told.unaliased(request));
    return Reply.done();
  }

  private Reply byAlias(Message request) {
    return VersionRoutes.reply(versions.byAlias(request.text("name"), request.text("alias")));
  }
}
