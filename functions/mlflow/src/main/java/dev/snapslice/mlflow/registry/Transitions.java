package dev.snapslice.mlflow.registry;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromM;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.mlflow.registry.ModelVersions.Found;
import dev.snapslice.mlflow.table.Change;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.webhooks.Announcements.Announced;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** What changes a version and its model at once. Thread-safe. */
final class Transitions {
  private final TrackingTable table;
  private final RegisteredModels models;
  private final ModelVersions versions;
  private final InstantSource clock;

  Transitions(
      TrackingTable table, RegisteredModels models, ModelVersions versions, InstantSource clock) {
    this.table = table;
    this.models = models;
    this.versions = versions;
    this.clock = clock;
  }

  /**
   * Moves a version to a stage.
   *
   * @param alone whether those that are there make room: not by a change of each, which could be
   *     seen half, but by one note of the model
   * @throws MlflowException if there is no such version
   */
  Found move(String name, long number, ModelStage stage, boolean alone) {
    attempt(
        name,
        number,
        model -> {
          long next = model.changes() + 1;
          // One for all: versions are listed by when they were changed, and then by number.
          AttributeValue now = fromN("" + clock.millis());
          Change ofModel = new Change().set("updated", now);
          if (alone) {
            settle(model);
            ofModel.set(
                "clearings",
                stage.word(),
                fromM(Map.of("change", fromN("" + next), "moment", now)));
          }
          return write(
              model,
              ofModel,
              number,
              new Change()
                  .set("updated", now)
                  .set("stage", fromS(stage.word()))
                  .set("change", fromN("" + next)));
        });
    return versions.get(name, number);
  }

  /** Writes down what the last note means: the next one tells another moment. */
  private void settle(RegisteredModel model) {
    for (Map<String, AttributeValue> item : versions.itemsOf(model)) {
      ModelVersion version = ModelVersion.of(model, item);
      if (!version.stage().word().equals(item.get("stage").s())) {
        Change change =
            new Change()
                .set("stage", fromS(version.stage().word()))
                .set("updated", fromN("" + version.updated()))
                .where("change", item.get("change"))
                .where("updated", item.get("updated"));
        table.update(ModelVersions.itemOf(model, version.number()), change);
      }
    }
  }

  /**
   * Deletes a version and its aliases.
   *
   * @throws MlflowException if there is none
   */
  void delete(String name, long number) {
    attempt(
        name,
        number,
        model -> {
          Change ofModel = models.now();
          model.aliasesOf(number).forEach(alias -> ofModel.remove("aliases", alias));
          Change redaction = versions.now().set("stage", fromS(ModelStage.DELETED.word()));
          List.of("description", "run").forEach(redaction::remove);
          List.of("source", "location", "link").forEach(a -> redaction.set(a, fromS("")));
          return write(model, ofModel, number, redaction);
        });
  }

  /**
   * Gives a version an alias, which another one may have had.
   *
   * @param told to webhooks
   * @throws MlflowException if there is no such version
   */
  void alias(String name, String alias, long number, Announced told) {
    attempt(
        name,
        number,
        model -> {
          Change change = new Change().set("aliases", alias, fromN("" + number));
          boolean done =
              told.update(
                  RegisteredModels.itemOf(model), RegisteredModels.unchanged(model, change));
          return Optional.of(done).filter(Boolean::booleanValue);
        });
  }

  private <T> T attempt(String name, long number, RegisteredModels.Attempt<T> attempt) {
    return models.attempt(
        name,
        () -> ModelVersions.unknown(name, number),
        model -> {
          if (versions.find(model, number).isEmpty()) {
            throw ModelVersions.unknown(name, number);
          }
          return attempt.on(model);
        });
  }

  private Optional<Boolean> write(
      RegisteredModel model, Change ofModel, long number, Change ofVersion) {
    boolean done =
        table.write(
            List.of(
                table.updating(
                    RegisteredModels.itemOf(model), RegisteredModels.unchanged(model, ofModel)),
                table.updating(
                    ModelVersions.itemOf(model, number), ModelVersions.undeleted(ofVersion))));
    return Optional.of(done).filter(Boolean::booleanValue);
  }
}
