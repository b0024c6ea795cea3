package dev.snapslice.mlflow.permissions;

import dev.snapslice.core.permission.Resource;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Something that a call is about.
 *
 * @param owner who made it, read only if it is asked
 */
public record Owned(Resource resource, Supplier<Optional<String>> owner) {}
