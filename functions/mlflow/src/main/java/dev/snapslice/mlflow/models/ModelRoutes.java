package dev.snapslice.mlflow.models;

import static dev.snapslice.mlflow.protocol.Field.choice;
import static dev.snapslice.mlflow.protocol.Field.flag;
import static dev.snapslice.mlflow.protocol.Field.integer;
import static dev.snapslice.mlflow.protocol.Field.messages;
import static dev.snapslice.mlflow.protocol.Field.text;
import static dev.snapslice.mlflow.protocol.Field.texts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Access;
import dev.snapslice.core.permission.Permission;
import dev.snapslice.core.permission.Permissions;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Page;
import dev.snapslice.mlflow.protocol.Python;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.mlflow.tracking.Experiments;
import java.util.List;
import java.util.SortedMap;

/** The operations on logged models. */
public final class ModelRoutes {
  private static final int DEFAULT_PAGE = 100;
  private static final Field ID = text("model_id").mandatory();
  private static final Field TAGS = messages("tags", text("key"), text("value"));
  private static final Field PARAMS = messages("params", text("key"), text("value"));

  private final Experiments experiments;
  private final LoggedModels models;
  private final Permissions permissions;

  public ModelRoutes(Experiments experiments, LoggedModels models, Permissions permissions) {
    this.experiments = experiments;
    this.permissions = permissions;
    this.models = models;
  }

  /** Adds them all. */
  public void addTo(Routes routes) {
    String path = "/api/2.0/mlflow/logged-models";
    String model = path + "/{id}";
    routes
        .add(
            "POST",
            path,
            List.of(
                text("experiment_id").mandatory(),
                text("name"),
                text("model_type"),
                text("source_run_id"),
                PARAMS,
                TAGS),
            this::create)
        .search(
            path + "/search",
            List.of(
                texts("experiment_ids").mandatory(),
                text("filter"),
                messages("datasets", text("dataset_name"), text("dataset_digest")),
                integer("max_results"),
                messages(
                    "order_by",
                    text("field_name"),
                    flag("ascending"),
                    text("dataset_name"),
                    text("dataset_digest")),
                text("page_token")),
            this::search)
        .add("GET", model, this::get)
        .add(
            "PATCH",
            model,
            List.of(ID, choice("status", LoggedModel.STATUSES).mandatory()),
            this::finish)
        .add("DELETE", model, this::delete)
        .add("POST", model + "/params", this::logParams)
        .add("PATCH", model + "/tags", this::tag)
        .add("DELETE", model + "/tags/{key}", this::untag);
  }

  private static Reply reply(LoggedModel model) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.set("model", model.json());
    return Reply.json(json);
  }

  private Reply create(Message request) {
    String name = request.text("name");
    if (name.chars().anyMatch(c -> "/:.%\"'".indexOf(c) >= 0)) {
      throw MlflowException.invalid(
          ("Invalid model name (%s) provided. Model name must be a non-empty string and cannot "
                  + "contain the following characters: ('/', ':', '.', '%%', '\"', \"'\")")
              .formatted(Python.repr(name)));
    }
    SortedMap<String, String> pairs = request.pairs("params");
    for (Message param : request.messages("params")) {
      if (!param.text("value").equals(pairs.get(param.text("key")))) {
        throw LoggedModels.changed(name, param.text("key"));
      }
    }
    return reply(
        models.create(
            experiments.get(request.text("experiment_id")),
            new LoggedModels.Start(
                name,
                request.text("model_type"),
                request.text("source_run_id"),
                pairs,
                request.pairs("tags"))));
  }

  private Reply search(Message request, Caller caller) {
    Access access = permissions.of(caller);
    long asked = request.integer("max_results", 0);
    int limit = Page.limit(asked == 0 ? DEFAULT_PAGE : asked);
    var filter = ModelSearch.filter(request.text("filter"), request.messages("datasets"));
    var order = ModelSearch.order(request.messages("order_by"));
    List<LoggedModel> found =
        request.texts("experiment_ids").stream()
            .map(Experiments::id)
            .distinct()
            .filter(id -> permissions.mayIn(id, Permission.READ, access))
            .flatMap(id -> models.of(id).stream())
            .filter(filter)
            .sorted(order)
            .toList();
    return Page.reply("models", found, request.text("page_token"), limit, LoggedModel::json);
  }

  private Reply get(Call call) {
    String id = call.parameter("id");
    boolean deletedToo =
        call.query().getOrDefault("allow_deleted", List.of()).stream()
            .anyMatch(value -> value.equalsIgnoreCase("true"));
    return reply(
        deletedToo ? models.find(id).orElseThrow(() -> LoggedModels.missing(id)) : models.get(id));
  }

  private Reply finish(Message request) {
    String id = request.text("model_id");
    models.finish(id, request.given("status").orElse(LoggedModel.UNSPECIFIED));
    return reply(models.find(id).orElseThrow(() -> LoggedModels.missing(id)));
  }

  private Reply delete(Call call) {
    models.delete(call.parameter("id"));
    return Reply.done();
  }

  private Reply logParams(Call call) {
    models.log(call.parameter("id"), call.message(List.of(ID, PARAMS)).pairs("params"));
    return Reply.done();
  }

  private Reply tag(Call call) {
    models.tag(call.parameter("id"), call.message(List.of(TAGS)).pairs("tags"));
    return Reply.done();
  }

  private Reply untag(Call call) {
    models.untag(call.parameter("id"), call.parameter("key"));
    return Reply.done();
  }
}
