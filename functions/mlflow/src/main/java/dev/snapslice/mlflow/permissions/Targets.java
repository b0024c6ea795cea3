package dev.snapslice.mlflow.permissions;

import dev.snapslice.core.permission.Given;
import dev.snapslice.core.permission.Permission;
import dev.snapslice.core.permission.Resource;
import dev.snapslice.core.permission.ResourceKind;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Python;
import dev.snapslice.mlflow.registry.Registry;
import dev.snapslice.mlflow.tracking.Experiment;
import dev.snapslice.mlflow.tracking.Experiments;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What permissions are for, as MLflow writes it: a type, and an id or a name, or {@code *}. A model
 * is kept by what a rename does not change. Thread-safe.
 */
final class Targets {
  private static final String WORKSPACE = "workspace";
  private static final List<String> GRANTABLE = List.of("DENY", "EDIT", "MANAGE", "READ", "USE");

  /** All of MLflow's types, in their order. */
  private static final List<String> TYPES =
      List.of(
          "assessment",
          "experiment",
          "gateway_endpoint",
          "gateway_model_definition",
          "gateway_secret",
          "logged_model",
          "mcp_server",
          "mcp_server_version",
          "prompt",
          "prompt_version",
          "registered_model",
          "registered_model_version",
          "review_queue",
          "run",
          "scorer",
          "scorer_version",
          "trace",
          WORKSPACE);

  private final Experiments experiments;
  private final Registry registry;

  Targets(Experiments experiments, Registry registry) {
    this.experiments = experiments;
    this.registry = registry;
  }

  /**
   * What a type and a pattern name.
   *
   * @param owner who made it, if they still have the permission that this gave them
   * @param disown ends that, and tells whether it was so
   */
  record Target(Resource resource, Optional<String> owner, Predicate<String> disown) {}

  /**
   * What a type and a pattern name.
   *
   * @throws MlflowException if nothing of ours
   */
  Target find(String type, String pattern) {
    ResourceKind kind = kind(type);
    if (pattern.equals(Resource.ALL)) {
      return new Target(Resource.all(kind), Optional.empty(), owner -> false);
    }
    return kind == ResourceKind.EXPERIMENT
        ? experiment(Experiments.id(pattern))
        : model(kind, pattern);
  }

  private Target experiment(String id) {
    return new Target(
        Resource.experiment(id),
        experiments.read(id).flatMap(Experiment::owner),
        owner -> experiments.disown(id, owner));
  }

  private Target model(ResourceKind kind, String name) {
    Registry.Entry entry =
        registry
            .find(name)
            .orElseThrow(() ->
                MlflowException.missing("Registered Model with name=%s not found".formatted(name)));
    if (entry.resource().kind() != kind) {
      // As in MLflow: it may be given, and opens nothing. Who made the entry keeps what that gave.
      Resource unused = new Resource(kind, entry.resource().id());
      return new Target(unused, Optional.empty(), owner -> false);
    }
    return new Target(entry.resource(), entry.owner(), owner -> registry.disown(entry, owner));
  }

  private static ResourceKind kind(String type) {
    if (!TYPES.contains(type)) {
      throw MlflowException.invalid(
          "Invalid resource type '%s'. Valid resource types are: %s".formatted(type, tuple(TYPES)));
    }
    return ResourceKind.parse(type)
        .orElseThrow(() ->
            MlflowException.invalid(
                "resource_type '%s' has no permissions of its own here: give them for its experiment, registered_model or prompt"
                    .formatted(type)));
  }

  private static String tuple(List<String> texts) {
    return texts.stream().map(Python::repr).collect(Collectors.joining(", ", "(", ")"));
  }

  /**
   * Refuses what is given to roles only.
   *
   * @throws MlflowException if the type is that of workspaces
   */
  static void checkForUsers(String type) {
    if (type.equals(WORKSPACE)) {
      throw MlflowException.invalid(
          "resource_type 'workspace' is not supported by the per-user permission convenience APIs."
              + " Use set_workspace_permission / delete_workspace_permission for workspace-wide"
              + " grants.");
    }
  }

  /**
   * A permission that may be given.
   *
   * @throws MlflowException if it is none
   */
  static Permission permission(String name, String type) {
    if (Stream.of(Permission.values()).noneMatch(known -> known.name().equals(name))) {
      throw MlflowException.invalid(
          "Invalid permission '%s'. Valid permissions are: %s"
              .formatted(
                  name, tuple(List.of("READ", "USE", "EDIT", "MANAGE", "NO_PERMISSIONS", "DENY"))));
    }
    kind(type);
    if (!GRANTABLE.contains(name)) {
      throw MlflowException.invalid(
          "Invalid permission '%s' for resource_type='%s'. Resource-level grants accept only: %s."
              .formatted(name, type, tuple(GRANTABLE)));
    }
    return Permission.valueOf(name);
  }

  /** What somebody has made, and may still do all with. */
  Stream<Given> ownedBy(String user) {
    Stream<Resource> theirs =
        Stream.concat(
            experiments.all().stream()
                .filter(each -> each.owner().filter(user::equals).isPresent())
                .map(each -> Resource.experiment(each.id())),
            registry.entries().stream()
                .filter(each -> each.owner().filter(user::equals).isPresent())
                .map(Registry.Entry::resource));
    return theirs.map(resource -> new Given(resource, Permission.MANAGE));
  }

  /** How MLflow writes what permissions are for; models that are gone have no name. */
  Names names(Collection<Given> given) {
    Map<Resource, String> models = new HashMap<>();
    if (given.stream().anyMatch(each -> isModel(each.resource()))) {
      registry
          .entries()
          .forEach(entry -> {
            String id = entry.resource().id();
            models.put(new Resource(ResourceKind.REGISTERED_MODEL, id), entry.name());
            models.put(new Resource(ResourceKind.PROMPT, id), entry.name());
          });
    }
    return resource ->
        isModel(resource) ? Optional.ofNullable(models.get(resource)) : Optional.of(resource.id());
  }

  private static boolean isModel(Resource resource) {
    return resource.kind() != ResourceKind.EXPERIMENT && !resource.isAll();
  }

  /** Tells the pattern of a resource. */
  @FunctionalInterface
  interface Names {
    Optional<String> of(Resource resource);
  }
}
