/**
 * MLflow's tracking server as a Lambda function: the REST API of MLflow 3.17, over a DynamoDB
 * table. Start at {@link dev.snapslice.mlflow.MlflowHandler}; {@code protocol} is how MLflow's
 * messages are read and refused, {@code tracking} is experiments and runs, {@code registry} the
 * model registry.
 */
package dev.snapslice.mlflow;
