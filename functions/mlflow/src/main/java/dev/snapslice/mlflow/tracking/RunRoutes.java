package dev.snapslice.mlflow.tracking;

import static dev.snapslice.mlflow.protocol.Field.choice;
import static dev.snapslice.mlflow.protocol.Field.integer;
import static dev.snapslice.mlflow.protocol.Field.message;
import static dev.snapslice.mlflow.protocol.Field.messages;
import static dev.snapslice.mlflow.protocol.Field.number;
import static dev.snapslice.mlflow.protocol.Field.text;
import static dev.snapslice.mlflow.protocol.Field.texts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Access;
import dev.snapslice.core.permission.Permissions;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Page;
import dev.snapslice.mlflow.protocol.Python;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The operations on runs. */
public final class RunRoutes {
  private static final int LARGEST_PAGE = 50_000;
  private static final int DEFAULT_PAGE = 1_000;
  private static final int MOST_METRICS = 1_000;
  private static final int MOST_PAIRS = 100;
  private static final int MOST_EXPERIMENTS = 20;
  private static final int MOST_SUMMARIES = 1_000;
  private static final Field ID = text("run_id").mandatory();
  private static final Field OLD_ID = text("run_uuid");
  private static final Field[] PAIR = {text("key"), text("value")};

  private final Experiments experiments;
  private final Runs runs;
  private final ModelMetrics modelMetrics;
  private final DatasetViews views;
  private final Permissions permissions;

  public RunRoutes(
      Experiments experiments,
      Runs runs,
      ModelMetrics modelMetrics,
      DatasetViews views,
      Permissions permissions) {
    this.permissions = permissions;
    this.experiments = experiments;
    this.runs = runs;
    this.modelMetrics = modelMetrics;
    this.views = views;
  }

  /** Adds them all. */
  public void addTo(Routes routes) {
    String path = "/api/2.0/mlflow/runs/";
    Field key = text("key").mandatory();
    routes
        .add(
            "POST",
            path + "create",
            List.of(
                text("experiment_id"),
                text("user_id"),
                text("run_name"),
                integer("start_time"),
                messages("tags", PAIR)),
            this::create)
        .add(
            "POST",
            path + "update",
            List.of(
                ID, OLD_ID, choice("status", Run.STATUSES), integer("end_time"), text("run_name")),
            this::update)
        .add("POST", path + "delete", List.of(ID), request -> turn(request, Stage.DELETED))
        .add("POST", path + "restore", List.of(ID), request -> turn(request, Stage.ACTIVE))
        .add("GET", path + "get", List.of(ID, OLD_ID), this::get)
        .search(
            path + "search",
            List.of(
                texts("experiment_ids"),
                text("filter"),
                choice("run_view_type", "ACTIVE_ONLY", "DELETED_ONLY", "ALL"),
                integer("max_results"),
                texts("order_by"),
                text("page_token")),
            this::search)
        .add(
            "POST",
            path + "log-metric",
            and(
                ModelMetric.FIELDS,
                ID,
                OLD_ID,
                key,
                number("value").mandatory(),
                integer("timestamp").mandatory(),
                integer("step")),
            this::logMetric)
        .add(
            "POST", path + "log-parameter", List.of(ID, OLD_ID, key, text("value")), this::logParam)
        .add("POST", path + "set-tag", List.of(ID, OLD_ID, key, text("value")), this::setTag)
        .add("POST", path + "delete-tag", List.of(ID, key), this::deleteTag)
        .add(
            "POST",
            path + "log-batch",
            List.of(
                ID,
                messages(
                    "metrics",
                    and(
                            ModelMetric.FIELDS,
                            text("key"),
                            number("value"),
                            integer("timestamp"),
                            integer("step"))
                        .toArray(Field[]::new)),
                messages("params", PAIR),
                messages("tags", PAIR)),
            this::logBatch)
        .add(
            "POST",
            path + "log-inputs",
            List.of(
                ID,
                messages(
                    "datasets",
                    messages("tags", PAIR),
                    message(
                        "dataset",
                        text("name"),
                        text("digest"),
                        text("source_type"),
                        text("source"),
                        text("schema"),
                        text("profile"))),
                messages("models", text("model_id"))),
            this::logInputs)
        .add(
            "POST",
            path + "outputs",
            List.of(ID, messages("models", text("model_id"), integer("step")).mandatory()),
            this::logOutputs)
        .search(
            "/api/2.0/mlflow/experiments/search-datasets",
            List.of(texts("experiment_ids")),
            this::searchDatasets);
  }

  private static List<Field> and(Field[] last, Field... first) {
    return Stream.concat(Stream.of(first), Stream.of(last)).toList();
  }

  /** Which run a message names; older clients call it otherwise. */
  public static String id(Message request) {
    return request.given("run_id").orElseGet(() -> request.text("run_uuid"));
  }

  private static Reply reply(String name, ObjectNode value) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.set(name, value);
    return Reply.json(json);
  }

  private Reply create(Message request) {
    Experiment experiment = experiments.recent(request.text("experiment_id"));
    require("tags", request.messages("tags"), "key");
    SortedMap<String, String> tags = request.pairs("tags");
    Optional<String> name = request.given("run_name");
    String tagged = tags.getOrDefault(Run.NAME_TAG, "");
    if (name.isPresent() && !tagged.isEmpty() && !name.get().equals(tagged)) {
      throw MlflowException.invalid(
          "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different "
              + "values (run_name='%s', mlflow.runName='%s').".formatted(name.get(), tagged));
    }
    Run run =
        runs.create(
            experiment,
            new Runs.Start(request.text("user_id"), request.integer("start_time", 0), name, tags));
    return reply("run", run.json());
  }

  private Reply update(Message request) {
    Run run =
        runs.update(
            id(request),
            request.given("status"),
            request.has("end_time")
                ? Optional.of(request.integer("end_time", 0))
                : Optional.empty(),
            request.given("run_name"));
    return reply("run_info", run.info());
  }

  private Reply turn(Message request, Stage to) {
    runs.turn(request.text("run_id"), to);
    return Reply.done();
  }

  private Reply get(Message request) {
    return reply("run", runs.get(id(request)).json());
  }

  private Reply search(Message request, Caller caller) {
    Access access = permissions.of(caller);
    int limit = Page.limit(request.integer("max_results", DEFAULT_PAGE), LARGEST_PAGE);
    var filter = RunSearch.filter(request.text("filter"));
    var order = RunSearch.order(request.texts("order_by"));
    String viewType = request.has("run_view_type") ? request.text("run_view_type") : "ACTIVE_ONLY";
    List<Long> asked =
        request.texts("experiment_ids").stream().map(Checks::experimentId).distinct().toList();
    List<Experiment> readable =
        experiments.some(asked).stream().filter(each -> each.isReadBy(access)).toList();
    List<SearchedRun> found =
        runs.search(readable, filter.and(run -> run.stage().shownBy(viewType)), order);
    return Page.reply("runs", found, request.text("page_token"), limit, run -> run.whole().found());
  }

  private Reply logMetric(Message request) {
    Metric metric = Metric.of(request);
    List<ModelMetric> ofModel = ModelMetric.of(request, id(request), metric).stream().toList();
    Checks.metric("", metric);
    runs.log(id(request), List.of(metric), modelMetrics.items(ofModel), Map.of(), Map.of());
    return Reply.done();
  }

  private Reply logParam(Message request) {
    String key = request.text("key");
    String value = Checks.param("", key, request.text("value"));
    try {
      runs.log(id(request), List.of(), Map.of(key, value), Map.of());
    } catch (ParamChangedException e) {
      throw MlflowException.invalid(
          ("Changing param values is not allowed. Param with key='%s' was already logged with "
                  + "value='%s' for run ID='%s'. Attempted logging new value '%s'.")
              .formatted(key, e.run().params().get(key), e.run().id(), value));
    }
    return Reply.done();
  }

  private Reply setTag(Message request) {
    String key = request.text("key");
    String value = Checks.tag("", key, request.text("value"));
    runs.log(id(request), List.of(), Map.of(), Map.of(key, value));
    return Reply.done();
  }

  private Reply deleteTag(Message request) {
    runs.untag(request.text("run_id"), request.text("key"));
    return Reply.done();
  }

  private Reply logBatch(Message request) {
    List<Message> metrics = request.messages("metrics");
    List<Message> params = request.messages("params");
    List<Message> tags = request.messages("tags");
    require("metrics", metrics, "key", "value", "timestamp");
    require("params", params, "key");
    require("tags", tags, "key");
    List<ModelMetric> ofModels =
        metrics.stream()
            .flatMap(message ->
                ModelMetric.of(message, request.text("run_id"), Metric.of(message)).stream())
            .toList();
    Checks.runId(request.text("run_id"));
    List<Metric> logged = new ArrayList<>();
    for (Message message : metrics) {
      Metric metric = Metric.of(message);
      Checks.metric("metrics[%d].".formatted(logged.size()), metric);
      logged.add(metric);
    }
    Map<String, String> paramPairs = checked("params", params, Checks::param);
    Map<String, String> tagPairs = checked("tags", tags, Checks::tag);
    atMost("metrics", MOST_METRICS, metrics.size());
    atMost("params", MOST_PAIRS, params.size());
    atMost("tags", MOST_PAIRS, tags.size());
    atMost("metrics, params, and tags", MOST_METRICS, metrics.size() + params.size() + tags.size());
    if (paramPairs.size() < params.size()) {
      throw MlflowException.invalid(
          "Duplicate parameter keys have been submitted: "
              + Python.list(duplicates(params))
              + ". Please ensure the request contains only one param value per param key.");
    }
    try {
      runs.log(request.text("run_id"), logged, modelMetrics.items(ofModels), paramPairs, tagPairs);
    } catch (ParamChangedException e) {
      throw MlflowException.invalid(
          "Changing param values is not allowed. Params were already logged='%s' for run ID='%s'."
              .formatted(
                  params.stream()
                      .map(param -> param.text("key"))
                      .filter(e.changed()::contains)
                      .map(key ->
                          "{'key': %s, 'old_value': %s, 'new_value': %s}"
                              .formatted(
                                  Python.repr(key),
                                  Python.repr(e.run().params().get(key)),
                                  Python.repr(paramPairs.get(key))))
                      .collect(Collectors.joining(", ", "[", "]")),
                  e.run().id()));
    }
    return Reply.done();
  }

  private static void require(String list, List<Message> messages, String... fields) {
    for (int i = 0; i < messages.size(); i++) {
      for (String field : fields) {
        if (!messages.get(i).has(field)
            || (field.equals("key") && messages.get(i).text(field).isEmpty())) {
          throw MlflowException.invalid(
              "Missing value for required parameter '%s[%d].%s'.%s"
                  .formatted(list, i, field, Message.HINT));
        }
      }
    }
  }

  /** Checks a pair at a path, and tells the value that is kept. */
  @FunctionalInterface
  private interface PairCheck {
    String check(String path, String key, String value);
  }

  private static Map<String, String> checked(String list, List<Message> pairs, PairCheck check) {
    Map<String, String> checked = new LinkedHashMap<>();
    for (int i = 0; i < pairs.size(); i++) {
      String key = pairs.get(i).text("key");
      String path = "%s[%d].".formatted(list, i);
      checked.put(key, check.check(path, key, pairs.get(i).text("value")));
    }
    return checked;
  }

  private static List<String> duplicates(List<Message> params) {
    return params.stream()
        .collect(
            Collectors.groupingBy(
                param -> param.text("key"), LinkedHashMap::new, Collectors.counting()))
        .entrySet()
        .stream()
        .filter(count -> count.getValue() > 1)
        .map(Map.Entry::getKey)
        .toList();
  }

  private static void atMost(String what, int most, int there) {
    if (there > most) {
      throw MlflowException.invalid(
          ("A batch logging request can contain at most %d %s. Got %d %s. Please split up %s across"
                  + " multiple requests and try again.")
              .formatted(most, what, there, what, what));
    }
  }

  private Reply logInputs(Message request) {
    Checks.runId(request.text("run_id"));
    Map<List<String>, DatasetInput> datasets = new LinkedHashMap<>();
    for (Message message : request.messages("datasets")) {
      DatasetInput dataset = DatasetInput.of(message);
      datasets.putIfAbsent(List.of(dataset.name(), dataset.digest()), dataset);
    }
    runs.logInputs(
        request.text("run_id"),
        datasets.values().stream().map(views::noted).toList(),
        request.messages("models").stream().map(model -> model.text("model_id")).toList());
    return Reply.done();
  }

  private Reply logOutputs(Message request) {
    Map<String, Long> models = new LinkedHashMap<>();
    request
        .messages("models")
        .forEach(model -> models.put(model.text("model_id"), model.integer("step", 0)));
    runs.logOutputs(request.text("run_id"), models);
    return Reply.done();
  }

  private Reply searchDatasets(Message request) {
    List<String> ids = request.texts("experiment_ids");
    if (ids.isEmpty()) {
      throw MlflowException.invalid(
          "SearchDatasets request must specify at least one experiment_id.");
    }
    if (ids.size() > MOST_EXPERIMENTS) {
      throw MlflowException.invalid(
          ("SearchDatasets request cannot specify more than %d experiment_ids. Received %d "
                  + "experiment_ids.")
              .formatted(MOST_EXPERIMENTS, ids.size()));
    }
    ObjectNode json = Json.MAPPER.createObjectNode();
    ids.stream()
        .map(Checks::experimentId)
        .distinct()
        .flatMap(id -> runs.datasets("" + id).stream())
        .limit(MOST_SUMMARIES)
        .forEach(summary -> json.withArray("/dataset_summaries").add(summary));
    return Reply.json(json);
  }
}
