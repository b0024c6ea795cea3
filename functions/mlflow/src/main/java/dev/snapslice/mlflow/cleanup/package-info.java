/**
 * Removes for good what was deleted long ago. Start at {@link
 * dev.snapslice.mlflow.cleanup.CleanUp}.
 */
package dev.snapslice.mlflow.cleanup;
