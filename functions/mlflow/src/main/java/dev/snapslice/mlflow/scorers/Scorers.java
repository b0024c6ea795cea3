package dev.snapslice.mlflow.scorers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Comparator.comparingLong;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromL;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.table.Change;
import dev.snapslice.mlflow.table.ContentHash;
import dev.snapslice.mlflow.table.Deadline;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.Trash;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * All scorers, in one partition of the tracking table, by experiment: of each a head, which tells
 * what versions count, and an item for each version. A scorer of the same name that comes after one
 * that was deleted has another id, and so none of its versions. Thread-safe.
 */
public final class Scorers {
  private static final String ALL = "scorers";
  private static final int ATTEMPTS = 8;

  private final TrackingTable table;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Trash trash;

  public Scorers(TrackingTable table, InstantSource clock, RandomGenerator random) {
    this.table = table;
    this.clock = clock;
    this.random = random;
    this.trash = new Trash(table);
  }

  /** Whose versions they are: a name in an experiment. */
  record Key(String experimentId, String name) {
    private String sort() {
      return experimentId + "/" + ContentHash.of(name.getBytes(UTF_8));
    }

    private Map<String, AttributeValue> head() {
      return TrackingTable.key(ALL, sort());
    }

    private Map<String, AttributeValue> version(String id, long number) {
      return TrackingTable.key(ALL, "%s/%s/%010d".formatted(sort(), id, number));
    }
  }

  private record Head(Key key, String id, List<Long> versions) {
    static Head of(Map<String, AttributeValue> item) {
      return new Head(
          new Key(item.get("experiment").s(), item.get("name").s()),
          item.get("id").s(),
          item.get("versions").l().stream().map(each -> Long.parseLong(each.n())).toList());
    }

    static AttributeValue stored(List<Long> versions) {
      return fromL(versions.stream().map(number -> fromN("" + number)).toList());
    }

    /** If nobody has changed it. */
    Change to(List<Long> others) {
      return new Change()
          .set("versions", stored(others))
          .where("id", fromS(id))
          .where("versions", stored(versions));
    }
  }

  private Optional<Head> head(Key key) {
    return Optional.of(table.get(key.head())).filter(item -> !item.isEmpty()).map(Head::of);
  }

  /** Makes the next version of a scorer, which may be its first. */
  ScorerVersion register(Key key, String serialized) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Optional<Head> head = head(key);
      List<Long> versions = new ArrayList<>(head.map(Head::versions).orElse(List.of()));
      ScorerVersion version =
          new ScorerVersion(
              key.experimentId(),
              head.map(Head::id)
                  .orElseGet(() -> new UUID(random.nextLong(), random.nextLong()).toString()),
              key.name(),
              versions.stream().mapToLong(number -> number).max().orElse(0) + 1,
              serialized,
              clock.millis());
      versions.add(version.number());
      var first =
          head.map(known -> table.updating(key.head(), known.to(versions)))
              .orElseGet(() -> table.putting(headItem(key, version.id(), versions)));
      if (table.write(List.of(first, table.putting(item(key, version))))) {
        return version;
      }
      TrackingTable.pause(attempt);
    }
    throw busy(key);
  }

  private static Map<String, AttributeValue> headItem(Key key, String id, List<Long> versions) {
    Map<String, AttributeValue> item = new HashMap<>(key.head());
    item.put("experiment", fromS(key.experimentId()));
    item.put("name", fromS(key.name()));
    item.put("id", fromS(id));
    item.put("versions", Head.stored(versions));
    return item;
  }

  private static Map<String, AttributeValue> item(Key key, ScorerVersion version) {
    Map<String, AttributeValue> item = new HashMap<>(key.version(version.id(), version.number()));
    item.put("scorer", fromS(version.id()));
    item.put("number", fromN("" + version.number()));
    item.put("serialized", fromS(version.serialized()));
    item.put("created", fromN("" + version.created()));
    return item;
  }

  /** The versions of a scorer, by number; none if there is no such scorer. */
  List<ScorerVersion> versions(Key key) {
    return read(key.sort());
  }

  /** Whether there is a scorer, if only one whose versions were all deleted one by one. */
  boolean isKnown(Key key) {
    return head(key).isPresent();
  }

  /** The latest version of each scorer of some experiments, by experiment and name. */
  List<ScorerVersion> latest(List<String> experimentIds) {
    Map<String, ScorerVersion> latest = new HashMap<>();
    for (String experiment : experimentIds) {
      read(experiment + "/").forEach(version -> latest.put(version.id(), version));
    }
    return latest.values().stream()
        .sorted(
            comparingLong((ScorerVersion each) -> Long.parseLong(each.experimentId()))
                .thenComparing(ScorerVersion::name))
        .toList();
  }

  /** Versions that count, each scorer's by number. */
  private List<ScorerVersion> read(String prefix) {
    var items = table.partition(ALL, prefix);
    Map<String, Head> heads = new HashMap<>();
    items.stream()
        .filter(item -> item.containsKey("versions"))
        .map(Head::of)
        .forEach(head -> heads.put(head.id(), head));
    List<ScorerVersion> versions = new ArrayList<>();
    for (var item : items) {
      Head head = item.containsKey("scorer") ? heads.get(item.get("scorer").s()) : null;
      if (head != null && head.versions().contains(Long.parseLong(item.get("number").n()))) {
        versions.add(version(head, item));
      }
    }
    return versions.stream().sorted(comparingLong(ScorerVersion::number)).toList();
  }

  private static ScorerVersion version(Head head, Map<String, AttributeValue> item) {
    return new ScorerVersion(
        head.key().experimentId(),
        head.id(),
        head.key().name(),
        Long.parseLong(item.get("number").n()),
        item.get("serialized").s(),
        Long.parseLong(item.get("created").n()));
  }

  /**
   * Deletes a version.
   *
   * @throws MlflowException if there is none
   */
  void delete(Key key, long number) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Head head = head(key).orElseThrow(() -> missing(key));
      if (!head.versions().contains(number)) {
        throw missing(key, number);
      }
      List<Long> others = head.versions().stream().filter(each -> each != number).toList();
      if (table.write(
          List.of(
              table.updating(key.head(), head.to(others)),
              table.deleting(key.version(head.id(), number))))) {
        return;
      }
      TrackingTable.pause(attempt);
    }
    throw busy(key);
  }

  /**
   * Deletes a scorer: its head first, without which no version counts.
   *
   * @throws MlflowException if there is none
   */
  void delete(Key key) {
    Head head =
        head(key).filter(known -> !known.versions().isEmpty()).orElseThrow(() -> missing(key));
    var row =
        new Trash.Row(
            Trash.Kind.SCORER,
            key.sort() + "/" + head.id(),
            clock.millis(),
            key.experimentId(),
            "");
    trash.add(row);
    if (!table.delete(key.head(), "id", fromS(head.id()))) {
      throw missing(key);
    }
    // Also those that came after the head was read.
    table
        .partition(ALL, row.id())
        .forEach(item -> table.delete(TrackingTable.key(ALL, item.get("sk").s())));
    trash.drop(row);
  }

  /** Removes what the deletion of a scorer has left, if that came to be. */
  public boolean remove(Trash.Row row, Deadline deadline) {
    int end = row.id().lastIndexOf('/');
    AttributeValue id = fromS(row.id().substring(end + 1));
    boolean gone =
        !id.equals(table.get(TrackingTable.key(ALL, row.id().substring(0, end))).get("id"));
    if (gone) {
      table.clear(ALL, row.id(), deadline);
    }
    return gone;
  }

  /** Removes all scorers of an experiment that is gone. */
  public void sweep(String experimentId, Deadline deadline) {
    table.clear(ALL, experimentId + "/", deadline);
  }

  static MlflowException missing(Key key) {
    return MlflowException.missing(
        "Scorer with name '%s' not found for experiment %s."
            .formatted(key.name(), key.experimentId()));
  }

  static MlflowException missing(Key key, long number) {
    return MlflowException.missing(
        "Scorer with name '%s' and version %d not found for experiment %s."
            .formatted(key.name(), number, key.experimentId()));
  }

  private static MlflowException busy(Key key) {
    return new MlflowException(
        Code.TEMPORARILY_UNAVAILABLE,
        "others change the scorer '%s' just now: try again".formatted(key.name()));
  }
}
