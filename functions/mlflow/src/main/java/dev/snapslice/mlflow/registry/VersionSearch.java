package dev.snapslice.mlflow.registry;

import dev.snapslice.core.permission.Access;
import dev.snapslice.mlflow.search.Comparison;
import dev.snapslice.mlflow.search.Filter;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Finds versions of any registered models. Thread-safe. */
final class VersionSearch {
  static final int LARGEST_PAGE = 200_000;
  private static final List<String> DEFAULT_ORDER =
      List.of("last_updated_timestamp DESC", "name ASC", "version_number DESC");
  private static final RegistrySearch<ModelVersion> SEARCH =
      new RegistrySearch<>(
          Map.of(
              "name", version -> Optional.of(version.model()),
              "run_id", ModelVersion::runId,
              "source_path", version -> Optional.of(version.source())),
          Set.of("name", "run_id"),
          Map.of("version_number", ModelVersion::number),
          ModelVersion::tags,
          Map.of(
              "name", Comparator.comparing(ModelVersion::model),
              "version_number", Comparator.comparingLong(ModelVersion::number),
              "creation_timestamp", Comparator.comparingLong(ModelVersion::created),
              "last_updated_timestamp", Comparator.comparingLong(ModelVersion::updated)),
          Set.of("attribute", "tag", "tags"));

  private final RegisteredModels models;
  private final ModelVersions versions;

  VersionSearch(RegisteredModels models, ModelVersions versions) {
    this.models = models;
    this.versions = versions;
  }

  /** Versions that are not deleted and that somebody may see, in order. */
  List<ModelVersion> find(String written, List<String> orders, Access access) {
    List<Comparison> filter = Filter.parse(written);
    Predicate<ModelVersion> wanted = SEARCH.filter(filter);
    Comparator<ModelVersion> order =
        SEARCH.order(orders.isEmpty() ? DEFAULT_ORDER : orders, DEFAULT_ORDER.subList(1, 3));
    boolean prompts = RegistrySearch.asksForPrompts(filter);
    return ofModels(name(filter), access).stream()
        .filter(all -> prompts || all.stream().noneMatch(v -> RegistrySearch.isPrompt(v.tags())))
        .flatMap(List::stream)
        .filter(ModelVersion::isThere)
        .filter(wanted)
        .sorted(order)
        .toList();
  }

  /** The only name that a filter lets through: then one model is all that has to be read. */
  private static Optional<String> name(List<Comparison> filter) {
    return filter.stream()
        .filter(comparison -> comparison.column().written().equals("name"))
        .filter(comparison ->
            comparison.column().entity().filter(e -> !e.equals("attribute")).isEmpty())
        .filter(comparison -> comparison.operator().equals("="))
        .map(comparison -> ((Comparison.Text) comparison.value()).text())
        .findFirst();
  }

  private List<List<ModelVersion>> ofModels(Optional<String> name, Access access) {
    return name.isPresent()
        ? models.find(name.get()).filter(model -> model.isReadBy(access)).map(versions::of).stream()
            .toList()
        : List.copyOf(
            versions
                .of(models.all().stream().filter(model -> model.isReadBy(access)).toList())
                .values());
  }
}
