package dev.snapslice.mlflow.models;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.protocol.Python;
import dev.snapslice.mlflow.table.Change;
import dev.snapslice.mlflow.table.Deadline;
import dev.snapslice.mlflow.table.StoredTexts;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.Experiment;
import dev.snapslice.mlflow.tracking.Experiments;
import dev.snapslice.mlflow.tracking.ModelId;
import dev.snapslice.mlflow.tracking.ModelMetrics;
import dev.snapslice.mlflow.tracking.RunNames;
import dev.snapslice.mlflow.tracking.Stage;
import dev.snapslice.mlflow.tracking.Trash;
import dev.snapslice.mlflow.tracking.Trash.Kind;
import dev.snapslice.mlflow.tracking.Uris;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;

/**
 * All logged models: those of an experiment, with their metrics, are one partition of the tracking
 * table, so that a search is one query. Reads are consistent. Thread-safe.
 */
public final class LoggedModels {
  /** As many names as fit an expression of DynamoDB, which has 4 KB. */
  private static final int PAIRS_AT_ONCE = 60;

  private static final String DELETED_AT = "deleted";

  private final TrackingTable table;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Trash trash;

  public LoggedModels(TrackingTable table, InstantSource clock, RandomGenerator random) {
    this.table = table;
    this.clock = clock;
    this.random = random;
    this.trash = new Trash(table);
  }

  /** What a new model is told; texts are empty where nothing was. */
  record Start(
      String name,
      String type,
      String sourceRun,
      SortedMap<String, String> params,
      SortedMap<String, String> tags) {}

  /**
   * Makes a model in an experiment.
   *
   * @throws MlflowException if that is deleted
   */
  LoggedModel create(Experiment experiment, Start start) {
    if (experiment.stage() != Stage.ACTIVE) {
      throw Experiments.inactive(experiment.id());
    }
    ModelId id = ModelId.next(experiment.id(), random);
    String now = "" + clock.millis();
    Map<String, AttributeValue> head = new HashMap<>(id.head());
    head.put("name", fromS(start.name().isEmpty() ? RunNames.next(random) : start.name()));
    head.put("location", fromS(Uris.append(experiment.location(), "models", id.id(), "artifacts")));
    head.put("status", fromS(LoggedModel.STATUSES[0]));
    head.put("stage", fromS(Stage.ACTIVE.word()));
    head.put("type", fromS(start.type()));
    head.put("run", fromS(start.sourceRun()));
    head.put("created", fromN(now));
    head.put("updated", fromN(now));
    head.put("params", StoredTexts.of(start.params()));
    head.put("tags", StoredTexts.of(start.tags()));
    table.put(head);
    return model(List.of(head)).orElseThrow();
  }

  /** A model, deleted or not. */
  public Optional<LoggedModel> find(String id) {
    return ModelId.parse(id)
        .map(parsed -> table.partition(ModelId.partition(parsed.experimentId()), id))
        .flatMap(LoggedModels::model);
  }

  /**
   * A model that is not deleted.
   *
   * @throws MlflowException if there is none
   */
  public LoggedModel get(String id) {
    return find(id).filter(model -> model.stage() == Stage.ACTIVE).orElseThrow(() -> missing(id));
  }

  static MlflowException missing(String id) {
    return MlflowException.missing("Logged model with ID '%s' not found.".formatted(id));
  }

  /** All models of an experiment that are not deleted. */
  List<LoggedModel> of(String experimentId) {
    return table.partition(ModelId.partition(experimentId)).stream()
        .collect(groupingBy(ModelId::of, toList()))
        .values()
        .stream()
        .flatMap(items -> model(items).stream())
        .filter(model -> model.stage() == Stage.ACTIVE)
        .toList();
  }

  /**
   * Sets how far a model is.
   *
   * @throws MlflowException if there is none
   */
  void finish(String id, String status) {
    apply(id, now().set("status", fromS(status)));
  }

  /**
   * Deletes a model; metrics and tags may still come.
   *
   * @throws MlflowException if there is none
   */
  void delete(String id) {
    long now = clock.millis();
    LoggedModel model = existing(id);
    var row = new Trash.Row(Kind.MODEL, id, now, model.experimentId(), model.location());
    trash.add(row);
    apply(id, at(now).set("stage", fromS(Stage.DELETED.word())).set(DELETED_AT, row.moment()));
  }

  /**
   * Removes a model that was deleted, if it still is: its head first, without which it is none.
   *
   * @param artifacts deletes what a URI leads to
   */
  public boolean remove(Trash.Row row, Consumer<String> artifacts, Deadline deadline) {
    ModelId id = ModelId.parse(row.id()).orElseThrow();
    if (!table.get(id.head()).isEmpty() && !table.delete(id.head(), DELETED_AT, row.moment())) {
      return false;
    }
    table.clear(ModelId.partition(id.experimentId()), id.id(), deadline);
    artifacts.accept(row.location());
    return true;
  }

  /** Removes all models of an experiment that is gone. */
  public void sweep(String experimentId, Consumer<String> artifacts, Deadline deadline) {
    table.stream(ModelId.partition(experimentId))
        .filter(ModelId::isHead)
        .forEach(head -> artifacts.accept(head.get("location").s()));
    table.clear(ModelId.partition(experimentId), "", deadline);
  }

  private Change now() {
    return at(clock.millis());
  }

  private static Change at(long millis) {
    return new Change().set("updated", fromN("" + millis));
  }

  /**
   * Adds parameters; each keeps its value for ever.
   *
   * @throws MlflowException if there is no such model, or one of them has another value
   */
  void log(String id, Map<String, String> params) {
    LoggedModel model = existing(id);
    params.forEach((key, value) -> {
      String known = model.params().getOrDefault(key, value);
      if (!known.equals(value)) {
        throw changed(id, key);
      }
    });
    Change change = new Change();
    for (var param : params.entrySet()) {
      change.setOnce("params", param.getKey(), fromS(param.getValue()));
      change = applyIfFull(id, change);
    }
    apply(id, change);
  }

  static MlflowException changed(String id, String key) {
    return new MlflowException(
        Code.BAD_REQUEST,
        "the parameter '%s' of the logged model '%s' has another value".formatted(key, id));
  }

  /**
   * Sets tags.
   *
   * @throws MlflowException if there is no such model
   */
  public void tag(String id, Map<String, String> tags) {
    existing(id);
    Change change = new Change();
    for (var tag : tags.entrySet()) {
      change.set("tags", tag.getKey(), fromS(tag.getValue()));
      change = applyIfFull(id, change);
    }
    apply(id, change);
  }

  /** A part of a transaction: sets a tag of a model if nobody else set it since it was read. */
  public TransactWriteItem tagging(LoggedModel model, String key, String value) {
    Optional<AttributeValue> known =
        Optional.ofNullable(model.tags().get(key)).map(AttributeValue::fromS);
    ModelId id = ModelId.parse(model.id()).orElseThrow();
    return table.updating(
        id.head(), new Change().set("tags", key, fromS(value)).where("tags", key, known));
  }

  /**
   * Takes a tag away.
   *
   * @throws MlflowException if there is no such tag, or no such model
   */
  void untag(String id, String key) {
    if (!existing(id).tags().containsKey(key)) {
      throw MlflowException.missing(
          "No tag with key %s found for model with ID '%s'.".formatted(Python.repr(key), id));
    }
    apply(id, new Change().remove("tags", key));
  }

  /** A model without its metrics. */
  private LoggedModel existing(String id) {
    return ModelId.parse(id)
        .map(parsed -> table.get(parsed.head()))
        .filter(head -> !head.isEmpty())
        .flatMap(head -> model(List.of(head)))
        .orElseThrow(() -> missing(id));
  }

  private Change applyIfFull(String id, Change change) {
    if (change.size() < PAIRS_AT_ONCE) {
      return change;
    }
    apply(id, change);
    return new Change();
  }

  private void apply(String id, Change change) {
    if (change.size() == 0) {
      return;
    }
    ModelId parsed = ModelId.parse(id).orElseThrow(() -> missing(id));
    if (!table.update(parsed.head(), change)) {
      existing(id);
      throw new MlflowException(
          Code.BAD_REQUEST,
          "a parameter of the logged model '%s' got another value just now".formatted(id));
    }
  }

  /** The model that a head and items of metrics make; none without a head. */
  private static Optional<LoggedModel> model(List<Map<String, AttributeValue>> items) {
    List<Map<String, AttributeValue>> metrics =
        items.stream().filter(item -> !ModelId.isHead(item)).toList();
    return items.stream().filter(ModelId::isHead).findFirst().map(head -> model(head, metrics));
  }

  private static LoggedModel model(
      Map<String, AttributeValue> head, List<Map<String, AttributeValue>> metrics) {
    ModelId id = ModelId.parse(ModelId.of(head)).orElseThrow();
    return new LoggedModel(
        id.id(),
        id.experimentId(),
        head.get("name").s(),
        head.get("location").s(),
        head.get("status").s(),
        Stage.of(head.get("stage").s()),
        head.get("type").s(),
        head.get("run").s(),
        Long.parseLong(head.get("created").n()),
        Long.parseLong(head.get("updated").n()),
        StoredTexts.read(head.get("params")),
        StoredTexts.read(head.get("tags")),
        ModelMetrics.of(metrics));
  }
}
