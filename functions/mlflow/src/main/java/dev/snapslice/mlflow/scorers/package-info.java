/**
 * Scorers of experiments, in versions, in the tracking table. They are kept and never run here.
 * Start at {@link dev.snapslice.mlflow.scorers.Scorers}.
 */
package dev.snapslice.mlflow.scorers;
