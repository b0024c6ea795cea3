package dev.snapslice.mlflow.tracking;

import dev.snapslice.core.run.SeenView;
import dev.snapslice.mlflow.protocol.MlflowException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The tags by which we tell of a run what clients cannot change. They are not stored with it. */
final class OwnTags {
  /** Views that the run has read, as MLflow's UI shows them. */
  private static final String INPUTS = "snapslice.inputs";

  private static final Set<String> KEYS = Set.of(RunMoment.TAG, INPUTS);
  private static final int MOST_INPUTS = 20;

  private OwnTags() {}

  static SortedMap<String, String> of(RunMoment moment, List<DatasetInput> datasets) {
    SortedMap<String, String> tags = new TreeMap<>(Map.of(RunMoment.TAG, moment.toString()));
    String views =
        datasets.stream()
            .flatMap(dataset -> SeenView.TAGS.stream().map(dataset::tag).flatMap(Optional::stream))
            .distinct()
            .sorted()
            .limit(MOST_INPUTS)
            .collect(Collectors.joining(" "));
    if (!views.isEmpty()) {
      tags.put(INPUTS, views);
    }
    return tags;
  }

  /** Tags of a new run that are its client's own. */
  static SortedMap<String, String> without(Map<String, String> tags) {
    SortedMap<String, String> others = new TreeMap<>(tags);
    others.keySet().removeAll(KEYS);
    return others;
  }

  /**
   * Refuses to change them.
   *
   * @throws MlflowException if one of the keys is theirs
   */
  static void check(Collection<String> keys) {
    keys.stream()
        .filter(KEYS::contains)
        .findFirst()
        .ifPresent(key -> {
          throw MlflowException.invalid(
              "The tag '%s' is the server's: it tells what cannot be changed.".formatted(key));
        });
  }
}
