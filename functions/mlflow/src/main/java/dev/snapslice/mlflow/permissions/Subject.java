package dev.snapslice.mlflow.permissions;

import dev.snapslice.core.permission.ResourceKind;
import dev.snapslice.mlflow.protocol.Call;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * What a call is about.
 *
 * @param kinds of which it may be
 * @param find all of it, in a call; nobody may do anything with nothing
 */
record Subject(Set<ResourceKind> kinds, Function<Call, List<Owned>> find) {}
