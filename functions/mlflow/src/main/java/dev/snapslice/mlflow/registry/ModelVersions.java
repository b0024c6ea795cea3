package dev.snapslice.mlflow.registry;

import static dev.snapslice.mlflow.table.TrackingTable.key;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.core.job.FanOut;
import dev.snapslice.core.run.RunInputs;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.table.Change;
import dev.snapslice.mlflow.table.StoredTexts;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.webhooks.Announcements.Announced;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;

/**
 * The versions of all registered models, in one partition of the tracking table, by their model's
 * generation and their number. Thread-safe.
 */
final class ModelVersions {
  private static final String ALL = RunInputs.VERSIONS;
  private static final int DELETES_AT_ONCE = 32;

  private final TrackingTable table;
  private final RegisteredModels models;
  private final InstantSource clock;
  private final FanOut deletes = new FanOut(DELETES_AT_ONCE);

  ModelVersions(TrackingTable table, RegisteredModels models, InstantSource clock) {
    this.table = table;
    this.models = models;
    this.clock = clock;
  }

  /** A version and the model that it is one of. */
  record Found(RegisteredModel model, ModelVersion version) {
    List<String> aliases() {
      return model.aliasesOf(version.number());
    }
  }

  /** What a new version is told. */
  record Start(
      String source,
      String location,
      Optional<String> runId,
      String runLink,
      String description,
      SortedMap<String, String> tags) {}

  private static String prefix(RegisteredModel model) {
    return model.generation() + "#";
  }

  /** The item of a version. */
  static Map<String, AttributeValue> itemOf(RegisteredModel model, long number) {
    return key(ALL, RunInputs.sortOf(model.generation(), number));
  }

  /**
   * Makes a version.
   *
   * @param told to webhooks of the version with a number
   * @param noted elsewhere of it, at the same moment
   * @throws MlflowException if there is no such model
   */
  Found create(
      String name,
      Start start,
      LongFunction<Announced> told,
      LongFunction<List<TransactWriteItem>> noted) {
    return models.attempt(
        name,
        () -> RegisteredModels.unknown(name),
        model -> {
          long number = model.last() + 1;
          AttributeValue now = fromN("" + clock.millis());
          Map<String, AttributeValue> item = new HashMap<>(itemOf(model, number));
          item.put("stage", fromS(ModelStage.NONE.word()));
          item.put("change", fromN("" + (model.changes() + 1)));
          item.put("description", fromS(start.description()));
          item.put("source", fromS(start.source()));
          item.put("location", fromS(start.location()));
          start.runId().ifPresent(run -> item.put(RunInputs.RUN, fromS(run)));
          item.put("link", fromS(start.runLink()));
          item.put("tags", StoredTexts.of(start.tags()));
          item.put("created", now);
          item.put("updated", now);
          Change ofModel = new Change().set("updated", now).count("last");
          List<TransactWriteItem> parts = new ArrayList<>(noted.apply(number));
          parts.add(
              table.updating(
                  RegisteredModels.itemOf(model), RegisteredModels.unchanged(model, ofModel)));
          parts.add(table.putting(item));
          return told.apply(number).write(parts)
              ? Optional.of(new Found(model, ModelVersion.of(model, item)))
              : Optional.empty();
        });
  }

  /**
   * A version that is not deleted.
   *
   * @throws MlflowException if there is none
   */
  Found get(String name, long number) {
    Names.model(name);
    return models
        .find(name)
        .flatMap(model -> find(model, number).map(version -> new Found(model, version)))
        .orElseThrow(() -> unknown(name, number));
  }

  /** A version that is not deleted, if there is one. */
  Optional<ModelVersion> find(RegisteredModel model, long number) {
    return Optional.of(table.get(itemOf(model, number)))
        .filter(item -> !item.isEmpty())
        .map(item -> ModelVersion.of(model, item))
        .filter(ModelVersion::isThere);
  }

  static MlflowException unknown(String name, long number) {
    return MlflowException.missing(
        "Model Version (name=%s, version=%d) not found".formatted(name, number));
  }

  /** All versions of a model, the oldest first, with deleted ones. */
  List<ModelVersion> of(RegisteredModel model) {
    return itemsOf(model).stream().map(item -> ModelVersion.of(model, item)).toList();
  }

  /** The items of all versions of a model. */
  List<Map<String, AttributeValue>> itemsOf(RegisteredModel model) {
    return table.partition(ALL, prefix(model));
  }

  /** The versions of some models, by name, in one pass over all that there are. */
  Map<String, List<ModelVersion>> of(List<RegisteredModel> some) {
    Map<String, RegisteredModel> byGeneration =
        some.stream().collect(Collectors.toMap(RegisteredModel::generation, model -> model));
    return table.partition(ALL).stream()
        .flatMap(item -> {
          String sort = item.get("sk").s();
          return Optional.ofNullable(byGeneration.get(sort.substring(0, sort.indexOf('#'))))
              .map(model -> ModelVersion.of(model, item))
              .stream();
        })
        .collect(Collectors.groupingBy(ModelVersion::model));
  }

  /**
   * The newest version of a model in some of its stages.
   *
   * @throws MlflowException if there is no such model
   */
  List<Found> latest(String name, List<ModelStage> stages) {
    RegisteredModel model = models.get(name);
    return RegisteredModel.latest(of(model)).stream()
        .filter(version -> stages.contains(version.stage()))
        .map(version -> new Found(model, version))
        .toList();
  }

  /** The newest of some. */
  static Optional<Found> newest(List<Found> some) {
    return some.stream().max(Comparator.comparingLong(found -> found.version().number()));
  }

  /**
   * The version that an alias stands for.
   *
   * @throws MlflowException if there is none
   */
  Found byAlias(String name, String alias) {
    Names.model(name);
    Names.alias(alias);
    if (Names.isLatest(alias)) {
      return newest(latest(name, ModelStage.ALL))
          .orElseThrow(() ->
              MlflowException.missing("Latest version not found for model %s.".formatted(name)));
    }
    RegisteredModel model = models.get(name);
    Long number = model.aliases().get(alias);
    if (number == null) {
      throw MlflowException.invalid("Registered model alias %s not found.".formatted(alias));
    }
    return find(model, number)
        .map(version -> new Found(model, version))
        .orElseThrow(() -> unknown(name, number));
  }

  /**
   * Changes a version that is not deleted.
   *
   * @throws MlflowException if there is none
   */
  Found change(String name, long number, Change change) {
    Names.model(name);
    return models
        .find(name)
        .flatMap(model ->
            table
                .updated(itemOf(model, number), undeleted(change))
                .map(item -> new Found(model, ModelVersion.of(model, item))))
        .orElseThrow(() -> unknown(name, number));
  }

  /**
   * Changes a version that is not deleted, and webhooks are told.
   *
   * @throws MlflowException if there is none
   */
  void change(String name, long number, Change change, Announced told) {
    Names.model(name);
    boolean done =
        models
            .find(name)
            .filter(model -> told.update(itemOf(model, number), undeleted(change)))
            .isPresent();
    if (!done) {
      throw unknown(name, number);
    }
  }

  /** A change of a version if it is not deleted. */
  static Change undeleted(Change change) {
    return change.unless("stage", fromS(ModelStage.DELETED.word()));
  }

  /** The beginning of what changes the moment of the last change. */
  Change now() {
    return new Change().set("updated", fromN("" + clock.millis()));
  }

  /** Takes away what is left of a deleted model. */
  void forget(RegisteredModel model) {
    deletes.map(
        of(model),
        version -> {
          table.delete(itemOf(model, version.number()));
          return true;
        });
  }
}
