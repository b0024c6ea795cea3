/**
 * Experiments and what belongs to them, in the tracking table. Start at {@link
 * dev.snapslice.mlflow.tracking.Experiments}.
 */
package dev.snapslice.mlflow.tracking;
