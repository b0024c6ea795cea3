package dev.snapslice.mlflow.registry;

import static dev.snapslice.mlflow.table.TrackingTable.key;
import static java.nio.charset.StandardCharsets.UTF_8;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromM;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.core.permission.Permissions;
import dev.snapslice.core.run.RunInputs;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.protocol.Python;
import dev.snapslice.mlflow.table.Change;
import dev.snapslice.mlflow.table.StoredTexts;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.webhooks.Announcements.Announced;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * All registered models, in one partition of the tracking table, by name. Each change of one is
 * counted, so that a copy under another name has all of them. Reads are consistent. Thread-safe.
 */
final class RegisteredModels {
  private static final String ALL = RunInputs.MODELS;
  private static final int GENERATION_BYTES = 16;
  private static final int ATTEMPTS = 8;

  /** Of DynamoDB's sort keys, in bytes. */
  private static final int LONGEST_NAME = 1_024;

  private final TrackingTable table;
  private final InstantSource clock;
  private final RandomGenerator random;

  RegisteredModels(TrackingTable table, InstantSource clock, RandomGenerator random) {
    this.table = table;
    this.clock = clock;
    this.random = random;
  }

  /** What is done to a model as it was read, unless somebody changed it meanwhile. */
  interface Attempt<T> {
    /** What came of it; empty if somebody else was faster. */
    Optional<T> on(RegisteredModel model);
  }

  /**
   * Makes a model.
   *
   * @param owner who makes it
   * @param told to webhooks
   * @throws MlflowException if there is one of that name
   */
  RegisteredModel create(
      String name,
      String description,
      SortedMap<String, String> tags,
      String owner,
      Announced told) {
    byte[] generation = new byte[GENERATION_BYTES];
    random.nextBytes(generation);
    String now = "" + clock.millis();
    Map<String, AttributeValue> item = new HashMap<>(key(ALL, name));
    item.put("generation", fromS(HexFormat.of().formatHex(generation)));
    item.put("description", fromS(description));
    item.put("tags", StoredTexts.of(tags));
    item.put("aliases", fromM(Map.of()));
    item.put("last", fromN("0"));
    item.put("changes", fromN("0"));
    item.put("clearings", fromM(Map.of()));
    item.put("created", fromN(now));
    item.put("updated", fromN(now));
    item.put("renamed", fromN("0"));
    item.put(Permissions.OWNER, fromS(owner));
    if (!told.put(item)) {
      throw taken(get(name), tags.containsKey(RegisteredModel.IS_PROMPT));
    }
    return RegisteredModel.of(item);
  }

  private static MlflowException taken(RegisteredModel by, boolean prompt) {
    boolean byPrompt = by.tags().containsKey(RegisteredModel.IS_PROMPT);
    String wanted = prompt ? "Prompt" : "Registered Model";
    if (byPrompt == prompt) {
      return exists("%s (name=%s) already exists.".formatted(wanted, by.name()));
    }
    return exists(
        "Tried to create a %s with name %s, but the name is already taken by a %s. MLflow does not allow creating a model and a prompt with the same name."
            .formatted(
                prompt ? "prompt" : "registered model",
                Python.repr(by.name()),
                byPrompt ? "prompt" : "registered model"));
  }

  private static MlflowException exists(String message) {
    return new MlflowException(Code.RESOURCE_ALREADY_EXISTS, message);
  }

  /**
   * A model.
   *
   * @throws MlflowException if there is none
   */
  RegisteredModel get(String name) {
    Names.model(name);
    return find(name).orElseThrow(() -> unknown(name));
  }

  static MlflowException unknown(String name) {
    return MlflowException.missing("Registered Model with name=%s not found".formatted(name));
  }

  /** A model, if there is one. */
  Optional<RegisteredModel> find(String name) {
    int length = name.getBytes(UTF_8).length;
    if (length == 0 || length > LONGEST_NAME) {
      return Optional.empty();
    }
    return Optional.of(table.get(key(ALL, name)))
        .filter(item -> !item.isEmpty())
        .map(RegisteredModel::of);
  }

  /** All of them, by name. */
  List<RegisteredModel> all() {
    return table.partition(ALL).stream().map(RegisteredModel::of).toList();
  }

  /**
   * Changes a model, and tells it as it is then.
   *
   * @throws MlflowException if there is none
   */
  RegisteredModel change(String name, Change change) {
    Names.model(name);
    return table
        .updated(key(ALL, name), change.count("changes"))
        .map(RegisteredModel::of)
        .orElseThrow(() -> unknown(name));
  }

  /**
   * Changes a model, and webhooks are told.
   *
   * @throws MlflowException if there is none
   */
  void change(String name, Change change, Announced told) {
    Names.model(name);
    if (!told.update(key(ALL, name), change.count("changes"))) {
      throw unknown(name);
    }
  }

  /** The beginning of what changes the moment of the last change. */
  Change now() {
    return new Change().set("updated", fromN("" + clock.millis()));
  }

  /** A change of a model if nobody has changed it since it was read. */
  static Change unchanged(RegisteredModel model, Change change) {
    same(model).forEach(change::where);
    return change.count("changes");
  }

  private static Map<String, AttributeValue> same(RegisteredModel model) {
    return Map.of("generation", fromS(model.generation()), "changes", fromN("" + model.changes()));
  }

  /** The item of a model. */
  static Map<String, AttributeValue> itemOf(RegisteredModel model) {
    return itemOf(model.name());
  }

  static Map<String, AttributeValue> itemOf(String name) {
    return key(ALL, name);
  }

  /**
   * Does something to a model that nobody else may change meanwhile.
   *
   * @param missing what is thrown if there is none
   * @throws MlflowException if others change it again and again, too
   */
  <T> T attempt(String name, Supplier<MlflowException> missing, Attempt<T> attempt) {
    Names.model(name);
    for (int tried = 1; tried <= ATTEMPTS; tried++) {
      Optional<T> done = attempt.on(find(name).orElseThrow(missing));
      if (done.isPresent()) {
        return done.get();
      }
      TrackingTable.pause(tried);
    }
    throw new MlflowException(
        Code.TEMPORARILY_UNAVAILABLE,
        "The model %s is changed by many others just now: try again.".formatted(name));
  }

  /**
   * Gives a model, and so its versions, another name.
   *
   * @throws MlflowException if there is no such model, or another one has the name
   */
  RegisteredModel rename(String name, String to) {
    Names.renamed(to);
    return attempt(
        name,
        () -> unknown(name),
        model -> {
          String now = "" + clock.millis();
          if (name.equals(to)) {
            Change change = new Change().set("updated", fromN(now)).set("renamed", fromN(now));
            return table.updated(itemOf(model), unchanged(model, change)).map(RegisteredModel::of);
          }
          Map<String, AttributeValue> item = new HashMap<>(table.get(itemOf(model)));
          item.putAll(key(ALL, to));
          item.put("updated", fromN(now));
          item.put("renamed", fromN(now));
          if (table.write(
              List.of(table.putting(item), table.deleting(itemOf(model), same(model))))) {
            return Optional.of(RegisteredModel.of(item));
          }
          if (find(to).isPresent()) {
            throw exists("Registered Model (name=%s) already exists.".formatted(to));
          }
          return Optional.empty();
        });
  }

  /**
   * Deletes a model, whose versions nobody finds from then on.
   *
   * @throws MlflowException if there is none
   */
  RegisteredModel delete(String name) {
    RegisteredModel model = get(name);
    if (!table.delete(itemOf(model), "generation", fromS(model.generation()))) {
      throw unknown(name);
    }
    return model;
  }
}
