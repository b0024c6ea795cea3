package dev.snapslice.mlflow.registry;

import java.util.Optional;

/** The logged models that versions may be made of. */
@FunctionalInterface
public interface LoggedSources {
  /** One that is not deleted. */
  Optional<LoggedSource> find(String modelId);
}
