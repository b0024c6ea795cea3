package dev.snapslice.mlflow.registry;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.core.permission.Permissions;
import dev.snapslice.core.permission.Resource;
import dev.snapslice.core.permission.ResourceKind;
import dev.snapslice.mlflow.artifacts.Artifacts;
import dev.snapslice.mlflow.models.LoggedModels;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.mlflow.table.Change;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.Runs;
import dev.snapslice.mlflow.webhooks.Announcements;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** All operations of the model registry. Thread-safe. */
public final class Registry {
  private final TrackingTable table;
  private final RegisteredModels all;
  private final ModelRoutes models;
  private final VersionRoutes versions;

  /**
   * The registry of a table.
   *
   * @param logged of which versions may be made
   * @param artifacts of those
   */
  public Registry(
      TrackingTable table,
      Runs runs,
      LoggedModels logged,
      Artifacts artifacts,
      Permissions permissions,
      Announcements announcements,
      InstantSource clock,
      RandomGenerator random) {
    this.table = table;
    this.all = new RegisteredModels(table, clock, random);
    ModelVersions theirs = new ModelVersions(table, all, clock);
    Transitions transitions = new Transitions(table, all, theirs, clock);
    Told told = new Told(announcements, all);
    this.models = new ModelRoutes(all, theirs, transitions, permissions, told);
    this.versions =
        new VersionRoutes(
            theirs,
            transitions,
            new VersionSearch(all, theirs),
            new Sources(all, theirs, runs, logged),
            logged,
            artifacts,
            permissions,
            told);
  }

  /**
   * A registered model or a prompt.
   *
   * @param owner who made it, if they still have the permission that this gave them
   */
  public record Entry(String name, Resource resource, Optional<String> owner) {
    private static Entry of(RegisteredModel model) {
      return new Entry(model.name(), model.resource(), model.owner());
    }
  }

  /** What a new model with these tags is. */
  public static ResourceKind kind(Map<String, String> tags) {
    return RegisteredModel.isPrompt(tags) ? ResourceKind.PROMPT : ResourceKind.REGISTERED_MODEL;
  }

  /** What there is of a name. */
  public Optional<Entry> find(String name) {
    return all.find(name).map(Entry::of);
  }

  /** All that there is. */
  public List<Entry> entries() {
    return all.all().stream().map(Entry::of).toList();
  }

  /** That somebody made a model counts no longer; tells whether it did. */
  public boolean disown(Entry entry, String owner) {
    return table.update(
        RegisteredModels.itemOf(entry.name()),
        new Change()
            .remove(Permissions.OWNER)
            .where(Permissions.OWNER, fromS(owner))
            .where("generation", fromS(entry.resource().id()))
            .count("changes"));
  }

  /** The registered model that a version's source names, or else the logged one. */
  public static SourceModel modelOf(String source) {
    Optional<ModelUri> uri =
        Optional.of(SourceUri.parse(source))
            .filter(parsed -> parsed.scheme().equals("models"))
            .flatMap(ModelUri::parse);
    return new SourceModel(
        uri.filter(named -> named.kind() != ModelUri.Kind.LOGGED).map(ModelUri::name),
        uri.filter(named -> named.kind() == ModelUri.Kind.LOGGED).map(ModelUri::name));
  }

  /**
   * What a source names.
   *
   * @param registered the name of a registered model
   * @param logged the id of a logged one
   */
  public record SourceModel(Optional<String> registered, Optional<String> logged) {}

  /** Adds them all. */
  public void addTo(Routes routes) {
    models.addTo(routes);
    versions.addTo(routes);
  }
}
