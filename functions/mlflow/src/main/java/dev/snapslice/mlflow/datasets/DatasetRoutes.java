package dev.snapslice.mlflow.datasets;

import static dev.snapslice.mlflow.protocol.Field.integer;
import static dev.snapslice.mlflow.protocol.Field.text;
import static dev.snapslice.mlflow.protocol.Field.texts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Page;
import dev.snapslice.mlflow.protocol.PythonJson;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.mlflow.tracking.Experiment;
import dev.snapslice.mlflow.tracking.Experiments;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The operations on evaluation datasets. */
public final class DatasetRoutes {
  private static final int DEFAULT_PAGE = 1_000;
  private static final Field EXPERIMENTS = texts("experiment_ids");

  private final Experiments experiments;
  private final Datasets datasets;
  private final Records records;

  public DatasetRoutes(Experiments experiments, Datasets datasets, Records records) {
    this.experiments = experiments;
    this.datasets = datasets;
    this.records = records;
  }

  /** Adds them all. */
  public void addTo(Routes routes) {
    String path = "/api/3.0/mlflow/datasets";
    String dataset = path + "/{id}";
    List<Field> search =
        List.of(
            EXPERIMENTS,
            text("filter_string"),
            integer("max_results"),
            texts("order_by"),
            text("page_token"));
    routes
        .add(
            "POST",
            path + "/create",
            List.of(text("name").mandatory(), EXPERIMENTS, text("tags")),
            this::create)
        .add("GET", path + "/search", search, this::search)
        .search(path + "/search", search, this::search)
        .add("GET", dataset, this::get)
        .add("DELETE", dataset, this::delete)
        .add("PATCH", dataset + "/tags", this::tag)
        .add("DELETE", dataset + "/tags/{key}", this::untag)
        .add("GET", dataset + "/experiment-ids", this::experimentIds)
        .add("POST", dataset + "/add-experiments", this::add)
        .add("POST", dataset + "/remove-experiments", this::remove);
    new RecordRoutes(records).addTo(routes, dataset + "/records");
  }

  private static Reply reply(EvaluationDataset dataset) {
    return reply(dataset.json());
  }

  private static Reply reply(ObjectNode dataset) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.set("dataset", dataset);
    return Reply.json(json);
  }

  private Reply create(Message request) {
    SortedMap<String, String> tags = tags(request.text("tags"));
    EvaluationDataset created =
        datasets.create(request.text("name"), tags, request.texts("experiment_ids"));
    ObjectNode json = created.json();
    created.experiments().forEach(json.withArray("/experiment_ids")::add);
    return reply(json);
  }

  /** Tags are sent as JSON inside of the JSON; those without a value are left out. */
  private static SortedMap<String, String> tags(String text) {
    SortedMap<String, String> tags = new TreeMap<>();
    if (text.isEmpty()) {
      return tags;
    }
    JsonNode sent =
        PythonJson.loads(text)
            .filter(JsonNode::isObject)
            .orElseThrow(() -> MlflowException.invalid("'tags' must be a JSON object"));
    for (Map.Entry<String, JsonNode> tag : sent.properties()) {
      if (!tag.getValue().isNull()) {
        tags.put(tag.getKey(), value(tag.getValue()));
      }
    }
    return tags;
  }

  /** What Python's {@code str} makes of it. */
  private static String value(JsonNode value) {
    if (value.isTextual()) {
      return value.asText();
    }
    return value.isBoolean() ? (value.asBoolean() ? "True" : "False") : PythonJson.dumps(value);
  }

  private Reply search(Message request) {
    long asked = request.integer("max_results", DEFAULT_PAGE);
    if (asked == 0) {
      throw MlflowException.invalid(
          "Invalid value None for parameter 'max_results' supplied. It must be a positive integer");
    }
    int limit = Page.limit(asked);
    Set<String> wanted = Set.copyOf(request.texts("experiment_ids"));
    var filter = DatasetSearch.filter(request.text("filter_string"));
    var order = DatasetSearch.order(request.texts("order_by"));
    List<EvaluationDataset> found =
        datasets.all().stream()
            .filter(d -> wanted.isEmpty() || d.experiments().stream().anyMatch(wanted::contains))
            .filter(filter)
            .sorted(order)
            .toList();
    return Page.reply(
        "datasets", found, request.text("page_token"), limit, EvaluationDataset::json);
  }

  private Reply get(Call call) {
    String id = call.parameter("id");
    return reply(
        datasets
            .find(id)
            .orElseThrow(() ->
                MlflowException.missing(
                    "Evaluation dataset with id '%s' not found".formatted(id))));
  }

  private Reply delete(Call call) {
    records.deleteAll(call.parameter("id"));
    return Reply.done();
  }

  private Reply tag(Call call) {
    String id = call.parameter("id");
    Message request = call.message(List.of(text("tags").mandatory()));
    if (!datasets.tag(id, tags(request.text("tags")))) {
      throw MlflowException.missing("Could not find evaluation dataset with ID " + id);
    }
    return Reply.done();
  }

  private Reply untag(Call call) {
    datasets.untag(call.parameter("id"), call.parameter("key"));
    return Reply.done();
  }

  private Reply experimentIds(Call call) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    datasets
        .find(call.parameter("id"))
        .ifPresent(
            dataset -> dataset.experiments().forEach(json.withArray("/experiment_ids")::add));
    return Reply.json(json);
  }

  private Reply add(Call call) {
    List<String> more = call.message(List.of(EXPERIMENTS)).texts("experiment_ids");
    return reply(
        datasets.move(
            call.parameter("id"),
            known -> {
              checkExist(more);
              return Stream.concat(known.stream(), more.stream()).distinct().toList();
            }));
  }

  private void checkExist(List<String> ids) {
    Set<String> known = experiments.all().stream().map(Experiment::id).collect(Collectors.toSet());
    for (String id : ids) {
      if (!known.contains(id)) {
        throw MlflowException.missing("No Experiment with id=" + id);
      }
    }
  }

  private Reply remove(Call call) {
    Set<String> gone = Set.copyOf(call.message(List.of(EXPERIMENTS)).texts("experiment_ids"));
    return reply(
        datasets.move(
            call.parameter("id"),
            known -> known.stream().filter(id -> !gone.contains(id)).toList()));
  }
}
