package dev.snapslice.mlflow.registry;

import dev.snapslice.core.run.RunInputs;
import dev.snapslice.mlflow.protocol.MlflowException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** How far a version has come. */
enum ModelStage {
  NONE("None"),
  STAGING("Staging"),
  PRODUCTION("Production"),
  ARCHIVED("Archived"),
  /** What was deleted counts on, so that its number is never given again. */
  DELETED(RunInputs.DELETED);

  static final List<ModelStage> ALL = List.of(NONE, STAGING, PRODUCTION, ARCHIVED);

  private final String word;

  ModelStage(String word) {
    this.word = word;
  }

  /** As MLflow writes it. */
  String word() {
    return word;
  }

  static ModelStage of(String word) {
    return Arrays.stream(values()).filter(s -> s.word.equals(word)).findFirst().orElseThrow();
  }

  /**
   * The stage that is asked for, in upper or lower case.
   *
   * @throws MlflowException if there is none
   */
  static ModelStage parse(String asked) {
    return ALL.stream()
        .filter(stage -> stage.word.equalsIgnoreCase(asked))
        .findFirst()
        .orElseThrow(() ->
            MlflowException.invalid(
                "Invalid Model Version stage: %s. Value must be one of %s."
                    .formatted(
                        asked,
                        ALL.stream().map(ModelStage::word).collect(Collectors.joining(", ")))));
  }

  /** Whether versions in it may make room for others. */
  boolean isActive() {
    return this == STAGING || this == PRODUCTION;
  }
}
