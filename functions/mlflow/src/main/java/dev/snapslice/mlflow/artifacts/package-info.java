/**
 * Artifacts: what tells of them and gives ways to S3, so that their bytes do not pass through
 * Lambda (decision 9). Start at {@link dev.snapslice.mlflow.artifacts.ArtifactRoutes}.
 */
package dev.snapslice.mlflow.artifacts;
