/**
 * MLflow's REST protocol without its operations: protobuf messages as JSON, and errors. Start at
 * {@link dev.snapslice.mlflow.protocol.Message}.
 */
package dev.snapslice.mlflow.protocol;
