/**
 * Evaluation datasets and their records, in the tracking table. Start at {@link
 * dev.snapslice.mlflow.datasets.Datasets} and {@link dev.snapslice.mlflow.datasets.Records}.
 */
package dev.snapslice.mlflow.datasets;
