/**
 * Logged models, in the tracking table. Start at {@link dev.snapslice.mlflow.models.LoggedModels}.
 */
package dev.snapslice.mlflow.models;
