package dev.snapslice.mlflow.registry;

import java.util.Optional;

/**
 * A logged model, as far as versions are made of it.
 *
 * @param location URI under which it keeps its artifacts
 * @param runId of the run that made it, where one is known
 */
record LoggedSource(String location, Optional<String> runId) {}
