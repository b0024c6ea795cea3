package dev.snapslice.mlflow;

import java.util.Map;

/**
 * What {@code cdk deploy} tells the MLflow function in its environment.
 *
 * @param trackingTable DynamoDB table of all that MLflow keeps ({@code SNAPSLICE_TRACKING_TABLE})
 * @param artifactRoot URI under which experiments keep their artifacts, unless they say otherwise
 *     ({@code SNAPSLICE_ARTIFACT_ROOT})
 */
record MlflowSettings(String trackingTable, String artifactRoot) {

  /**
   * Reads the environment.
   *
   * @throws IllegalStateException if a variable is missing; names it
   */
  static MlflowSettings from(Map<String, String> environment) {
    return new MlflowSettings(
        required(environment, "SNAPSLICE_TRACKING_TABLE"),
        required(environment, "SNAPSLICE_ARTIFACT_ROOT"));
  }

  private static String required(Map<String, String> environment, String name) {
    String value = environment.getOrDefault(name, "");
    if (value.isBlank()) {
      throw new IllegalStateException(
          "the environment variable " + name + " is missing: the CDK's MLflow stack sets it");
    }
    return value;
  }
}
