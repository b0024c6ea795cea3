/**
 * MLflow's model registry: registered models, their versions, and prompts, which are both under a
 * tag. May use {@code tracking} for runs. Start at {@link dev.snapslice.mlflow.registry.Registry}.
 */
package dev.snapslice.mlflow.registry;
