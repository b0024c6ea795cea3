package dev.snapslice.mlflow.tracking;

import static dev.snapslice.mlflow.protocol.Field.choice;
import static dev.snapslice.mlflow.protocol.Field.integer;
import static dev.snapslice.mlflow.protocol.Field.messages;
import static dev.snapslice.mlflow.protocol.Field.text;
import static dev.snapslice.mlflow.protocol.Field.texts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Access;
import dev.snapslice.core.permission.Permissions;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.protocol.Page;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Predicate;

/** The operations on experiments. */
public final class ExperimentRoutes {
  private static final int DEFAULT_PAGE = 1_000;
  private static final int MOST_CUSTOM_VIEWS = 50;
  private static final String CUSTOM_VIEW = "mlflow.customView.view";
  private static final Field ID = text("experiment_id").mandatory();
  static final Field VIEW_TYPE = choice("view_type", "ACTIVE_ONLY", "DELETED_ONLY", "ALL");

  private final Experiments experiments;
  private final Predicate<String> isServed;
  private final Permissions permissions;

  /**
   * Over experiments.
   *
   * @param isServed whether artifacts at a URI are this server's own
   */
  public ExperimentRoutes(
      Experiments experiments, Predicate<String> isServed, Permissions permissions) {
    this.experiments = experiments;
    this.isServed = isServed;
    this.permissions = permissions;
  }

  /** Adds them all. */
  public void addTo(Routes routes) {
    String path = "/api/2.0/mlflow/experiments/";
    List<Field> named =
        List.of(
            text("name").mandatory(),
            text("artifact_location"),
            messages("tags", text("key"), text("value")));
    List<Field> search =
        List.of(
            VIEW_TYPE,
            integer("max_results"),
            texts("order_by"),
            text("filter"),
            text("page_token"));
    routes
        .add("POST", path + "create", named, this::create)
        .search(path + "search", search, this::search)
        .add("GET", path + "search", search, this::search)
        .add("GET", path + "get", List.of(ID), this::get)
        .add(
            "GET",
            path + "get-by-name",
            List.of(text("experiment_name").mandatory()),
            this::getByName)
        .add("POST", path + "delete", List.of(ID), request -> turn(request, Stage.DELETED))
        .add("POST", path + "restore", List.of(ID), request -> turn(request, Stage.ACTIVE))
        .add("POST", path + "update", List.of(ID, text("new_name").mandatory()), this::update)
        .add(
            "POST",
            path + "set-experiment-tag",
            List.of(ID, text("key").mandatory(), text("value")),
            this::tag)
        .add(
            "POST",
            path + "delete-experiment-tag",
            List.of(ID, text("key").mandatory()),
            this::untag);
  }

  private Reply create(Message request, Caller caller) {
    SortedMap<String, String> tags = request.pairs("tags");
    if (tags.keySet().stream().filter(key -> key.startsWith(CUSTOM_VIEW)).count()
        > MOST_CUSTOM_VIEWS) {
      throw tooManyViews(Optional.empty());
    }
    checkLocation(request.text("artifact_location"), caller);
    Checks.experimentName(request.text("name"));
    request.eachPair("tags", Checks::experimentTag);
    String id =
        experiments.create(
            request.text("name"), request.text("artifact_location"), tags, caller.principal());
    return Reply.json(Json.MAPPER.createObjectNode().put("experiment_id", id));
  }

  /** Whoever may write into an experiment may write where its artifacts are: not into others'. */
  private void checkLocation(String location, Caller caller) {
    Checks.location(location);
    if (caller.grant().role() != Role.ADMIN && isServed.test(location)) {
      throw new MlflowException(
          Code.PERMISSION_DENIED,
          "Permission denied: only an administrator says where among this server's artifacts an"
              + " experiment keeps its own: leave artifact_location out");
    }
  }

  private static MlflowException tooManyViews(Optional<String> id) {
    return MlflowException.invalid(
        "Unable to create another custom view%s; the maximum number of custom views per experiment "
                .formatted(id.map(i -> " for experiment " + i).orElse(""))
            + "is "
            + MOST_CUSTOM_VIEWS
            + ". Delete an existing custom view before creating a new one.");
  }

  private Reply search(Message request, Caller caller) {
    Access access = permissions.of(caller);
    int limit = Page.limit(request.integer("max_results", DEFAULT_PAGE));
    var filter = ExperimentSearch.filter(request.text("filter"));
    var order = ExperimentSearch.order(request.texts("order_by"));
    String viewType = request.has("view_type") ? request.text("view_type") : "ACTIVE_ONLY";
    List<Experiment> found =
        experiments.all().stream()
            .filter(experiment -> experiment.stage().shownBy(viewType))
            .filter(experiment -> experiment.isReadBy(access))
            .filter(filter)
            .sorted(order)
            .toList();
    return Page.reply("experiments", found, request.text("page_token"), limit, Experiment::json);
  }

  private Reply get(Message request) {
    return reply(experiments.get(request.text("experiment_id")));
  }

  private Reply getByName(Message request) {
    return reply(experiments.byName(request.text("experiment_name")));
  }

  private static Reply reply(Experiment experiment) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.set("experiment", experiment.json());
    return Reply.json(json);
  }

  private Reply turn(Message request, Stage to) {
    experiments.turn(request.text("experiment_id"), to);
    return Reply.done();
  }

  private Reply update(Message request) {
    Checks.experimentName(request.text("new_name"));
    experiments.rename(request.text("experiment_id"), request.text("new_name"));
    return Reply.done();
  }

  private Reply tag(Message request) {
    String key = request.text("key");
    Checks.experimentTag(key, request.text("value"));
    Experiment experiment = experiments.get(request.text("experiment_id"));
    if (key.startsWith(CUSTOM_VIEW)
        && !experiment.tags().containsKey(key)
        && experiment.tags().keySet().stream().filter(k -> k.startsWith(CUSTOM_VIEW)).count()
            >= MOST_CUSTOM_VIEWS) {
      throw tooManyViews(Optional.of(experiment.id()));
    }
    experiments.tag(experiment, key, request.text("value"));
    return Reply.done();
  }

  private Reply untag(Message request) {
    Experiment experiment = experiments.get(request.text("experiment_id"));
    String key = request.text("key");
    if (experiment.stage() != Stage.ACTIVE) {
      throw Experiments.inactive(experiment.id());
    }
    if (!experiment.tags().containsKey(key)) {
      throw MlflowException.missing(
          "No tag with name: %s in experiment with id %s".formatted(key, experiment.id()));
    }
    experiments.untag(experiment, key);
    return Reply.done();
  }
}
