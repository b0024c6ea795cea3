/**
 * The bytes of MLflow's artifacts, streamed into S3 and out of it: the one part of MLflow that no
 * function can serve (decision 9). Start at {@link dev.snapslice.proxy.mlflow.ArtifactService}.
 */
package dev.snapslice.proxy.mlflow;
