package dev.snapslice.mlflow.scorers;

import static dev.snapslice.mlflow.protocol.Field.integer;
import static dev.snapslice.mlflow.protocol.Field.text;
import static dev.snapslice.mlflow.protocol.Field.texts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Access;
import dev.snapslice.core.permission.Permission;
import dev.snapslice.core.permission.Permissions;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.PythonJson;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.mlflow.tracking.Experiment;
import dev.snapslice.mlflow.tracking.Experiments;
import dev.snapslice.mlflow.tracking.Stage;
import java.util.List;

/** The operations on scorers. */
public final class ScorerRoutes {
  private static final Field EXPERIMENT = text("experiment_id").mandatory();
  private static final Field NAME = text("name").mandatory();

  private final Experiments experiments;
  private final Scorers scorers;
  private final Permissions permissions;

  public ScorerRoutes(Experiments experiments, Scorers scorers, Permissions permissions) {
    this.experiments = experiments;
    this.permissions = permissions;
    this.scorers = scorers;
  }

  /** Adds them all. */
  public void addTo(Routes routes) {
    String path = "/api/3.0/mlflow/scorers/";
    List<Field> one = List.of(EXPERIMENT, NAME, integer("version"));
    routes
        .add(
            "POST",
            path + "register",
            List.of(EXPERIMENT, NAME, text("serialized_scorer").mandatory()),
            this::register)
        .add(
            "GET",
            path + "list",
            List.of(text("experiment_id"), texts("experiment_ids")),
            this::list)
        .add("GET", path + "versions", List.of(EXPERIMENT, NAME), this::versions)
        .add("GET", path + "get", one, this::get)
        .add("DELETE", path + "delete", one, this::delete);
  }

  private Reply register(Message request) {
    JsonNode scorer = SerializedScorer.read(request.text("serialized_scorer"));
    if (request.text("name").isBlank()) {
      throw MlflowException.invalid("Scorer name cannot be empty or contain only whitespace.");
    }
    Scorers.Key key = key(request);
    SerializedScorer.checkModel(scorer);
    ScorerVersion version = scorers.register(key, PythonJson.dumps(scorer));
    return Reply.json(
        Json.MAPPER
            .createObjectNode()
            .put("version", version.number())
            .put("scorer_id", version.id())
            .put("experiment_id", version.experimentId())
            .put("name", version.name())
            .put("serialized_scorer", version.serialized())
            .put("creation_time", version.created()));
  }

  /** In an experiment that is not deleted. */
  private Scorers.Key key(Message request) {
    return new Scorers.Key(
        experiments.active(request.text("experiment_id")).id(), request.text("name"));
  }

  private Reply list(Message request, Caller caller) {
    Access access = permissions.of(caller);
    boolean some = request.has("experiment_ids");
    if (some && request.given("experiment_id").isPresent()) {
      throw MlflowException.invalid(
          "Cannot specify both 'experiment_id' and 'experiment_ids'. Use 'experiment_ids' to scope"
              + " the query to multiple experiments, or 'experiment_id' to scope it to a single"
              + " experiment.");
    }
    if (some) {
      List<String> ids =
          request.texts("experiment_ids").stream().map(Experiments::id).distinct().toList();
      return reply(scorers.latest(active(access).stream().filter(ids::contains).toList()));
    }
    return reply(
        scorers.latest(
            request
                .given("experiment_id")
                .map(id -> List.of(readable(id, access)))
                .orElseGet(() -> active(access))));
  }

  private String readable(String asked, Access access) {
    if (!permissions.mayIn(Experiments.id(asked), Permission.READ, access)) {
      throw MlflowException.denied();
    }
    return experiments.active(asked).id();
  }

  private List<String> active(Access access) {
    return experiments.all().stream()
        .filter(experiment -> experiment.isReadBy(access))
        .filter(experiment -> experiment.stage() == Stage.ACTIVE)
        .map(Experiment::id)
        .toList();
  }

  private static Reply reply(List<ScorerVersion> versions) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    if (!versions.isEmpty()) {
      ArrayNode all = json.putArray("scorers");
      versions.forEach(version -> all.add(version.json()));
    }
    return Reply.json(json);
  }

  private Reply versions(Message request) {
    Scorers.Key key = key(request);
    List<ScorerVersion> versions = scorers.versions(key);
    if (versions.isEmpty()) {
      throw Scorers.missing(key);
    }
    return reply(versions);
  }

  private Reply get(Message request) {
    Scorers.Key key = key(request);
    List<ScorerVersion> versions = scorers.versions(key);
    boolean known = !versions.isEmpty() || (request.has("version") && scorers.isKnown(key));
    if (!known) {
      throw Scorers.missing(key);
    }
    long wanted =
        request.has("version") ? request.integer("version", 0) : versions.getLast().number();
    ScorerVersion found =
        versions.stream()
            .filter(version -> version.number() == wanted)
            .findFirst()
            .orElseThrow(() -> Scorers.missing(key, wanted));
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.set("scorer", found.json());
    return Reply.json(json);
  }

  private Reply delete(Message request) {
    Scorers.Key key = key(request);
    if (request.has("version")) {
      scorers.delete(key, request.integer("version", 0));
    } else {
      scorers.delete(key);
    }
    return Reply.done();
  }
}
