/**
 * The DynamoDB table of all that MLflow keeps, and how its items are changed. Start at {@link
 * dev.snapslice.mlflow.table.TrackingTable}.
 */
package dev.snapslice.mlflow.table;
