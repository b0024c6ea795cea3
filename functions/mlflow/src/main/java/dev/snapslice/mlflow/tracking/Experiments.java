package dev.snapslice.mlflow.tracking;

import static dev.snapslice.mlflow.table.TrackingTable.key;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.core.install.Lazy;
import dev.snapslice.core.job.FanOut;
import dev.snapslice.core.permission.Permissions;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.table.Change;
import dev.snapslice.mlflow.table.StoredTexts;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.Trash.Kind;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;

/**
 * All experiments, in one partition of the tracking table: few enough to be searched as a whole. A
 * name is an item of its own, by which it is found and which makes it unique, also among deleted
 * ones. Reads are consistent. Thread-safe.
 */
public final class Experiments {
  private static final String ALL = "experiments";
  private static final String NAMES = "experiment-name#";
  private static final int IDS_AT_ONCE = 100_000;
  private static final int READS_AT_ONCE = 32;
  private static final Duration RECENT = Duration.ofSeconds(1);
  private static final int MOST_RECENT = 1_000;

  private final TrackingTable table;
  private final String artifactRoot;
  private final FanOut reads = new FanOut(READS_AT_ONCE);
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Trash trash;
  private final Lazy<Boolean> withDefault = new Lazy<>(this::makeDefault);
  private final Map<String, Seen> seen = new ConcurrentHashMap<>();

  /** An experiment as it was at a moment, in epoch milliseconds. */
  private record Seen(Experiment experiment, long at) {}

  /**
   * Experiments of a table.
   *
   * @param artifactRoot URI under which those keep their artifacts that name no location
   */
  public Experiments(
      TrackingTable table, String artifactRoot, InstantSource clock, RandomGenerator random) {
    this.table = table;
    this.artifactRoot = artifactRoot;
    this.clock = clock;
    this.random = random;
    this.trash = new Trash(table);
  }

  /** MLflow's clients rely on one that nobody made. */
  private boolean makeDefault() {
    if (read(Experiment.DEFAULT_ID).isEmpty()) {
      insert(Experiment.DEFAULT_ID, Experiment.DEFAULT_NAME, "", new TreeMap<>(), Optional.empty());
    }
    return true;
  }

  /**
   * Makes an experiment and tells its id.
   *
   * @param location of its runs' artifacts; empty for the default
   * @param owner who makes it
   * @throws MlflowException if one has that name, deleted or not
   */
  String create(String name, String location, SortedMap<String, String> tags, String owner) {
    withDefault.get();
    // Ids grow with time, which is how experiments of one moment are ordered.
    long id = clock.millis() * IDS_AT_ONCE + random.nextInt(IDS_AT_ONCE);
    if (!insert("" + id, name, location, tags, Optional.of(owner))) {
      throw taken(name);
    }
    return "" + id;
  }

  private static MlflowException changed() {
    return new MlflowException(
        Code.INVALID_STATE, "The experiment was changed by somebody else just now: try again.");
  }

  private static MlflowException taken(String name) {
    return new MlflowException(
        Code.RESOURCE_ALREADY_EXISTS, "Experiment(name=%s) already exists.".formatted(name));
  }

  private boolean insert(
      String id,
      String name,
      String location,
      SortedMap<String, String> tags,
      Optional<String> owner) {
    long now = clock.millis();
    Map<String, AttributeValue> item = new HashMap<>(key(ALL, id));
    item.put("name", fromS(name));
    item.put("location", fromS(location.isEmpty() ? folder(id) : location));
    item.put("stage", fromS(Stage.ACTIVE.word()));
    item.put("turns", fromN("0"));
    item.put("created", fromN("" + now));
    item.put("updated", fromN("" + now));
    item.put("tags", StoredTexts.of(tags));
    owner.ifPresent(who -> item.put(Permissions.OWNER, fromS(who)));
    return table.write(List.of(claim(name, id), table.putting(item)));
  }

  private TransactWriteItem claim(String name, String id) {
    Map<String, AttributeValue> item = new HashMap<>(key(NAMES + name, NAMES));
    item.put("id", fromS(id));
    return table.putting(item);
  }

  /**
   * An experiment, deleted or not.
   *
   * @throws MlflowException if there is none
   */
  public Experiment get(String asked) {
    long id = Checks.experimentId(asked.isEmpty() ? Experiment.DEFAULT_ID : asked);
    withDefault.get();
    return read("" + id).orElseThrow(() -> unknown(id));
  }

  /**
   * An experiment for what is done to its runs. That it is active is believed for a second, so that
   * a job that logs does not read it each time; what was done to it in this process is known.
   *
   * @throws MlflowException if there is none
   */
  public Experiment recent(String asked) {
    Seen known = seen.get(asked);
    long now = clock.millis();
    if (known != null && now - known.at() < RECENT.toMillis()) {
      return known.experiment();
    }
    Experiment experiment = get(asked);
    if (experiment.stage() == Stage.ACTIVE) {
      if (seen.size() >= MOST_RECENT) {
        seen.clear();
      }
      seen.put(asked, new Seen(experiment, now));
    }
    return experiment;
  }

  /**
   * An experiment that is not deleted.
   *
   * @throws MlflowException if there is none
   */
  public Experiment active(String asked) {
    Experiment experiment = get(asked);
    if (experiment.stage() != Stage.ACTIVE) {
      throw inactive(experiment.id());
    }
    return experiment;
  }

  /**
   * The id of an experiment, there or not, as it is written.
   *
   * @throws MlflowException if it is no number
   */
  public static String id(String asked) {
    return "" + Checks.experimentId(asked);
  }

  private static MlflowException unknown(long id) {
    return MlflowException.missing("No Experiment with id=%d exists".formatted(id));
  }

  /** An experiment, deleted or not, if there is one. */
  public Optional<Experiment> read(String id) {
    var item = table.get(key(ALL, id));
    return item.isEmpty() ? Optional.empty() : Optional.of(experiment(item));
  }

  /**
   * The experiment of a name, deleted or not.
   *
   * @throws MlflowException if there is none
   */
  public Experiment byName(String name) {
    return named(name)
        .orElseThrow(() ->
            MlflowException.missing("Could not find experiment with name '%s'".formatted(name)));
  }

  private Optional<Experiment> named(String name) {
    withDefault.get();
    var item = table.get(key(NAMES + name, NAMES));
    return item.isEmpty() ? Optional.empty() : read(item.get("id").s());
  }

  /** Those of some ids that there are. */
  List<Experiment> some(List<Long> ids) {
    withDefault.get();
    return reads.map(ids, id -> read("" + id)).stream().flatMap(Optional::stream).toList();
  }

  /** All of them, by id. */
  public List<Experiment> all() {
    withDefault.get();
    return table.partition(ALL).stream().map(Experiments::experiment).toList();
  }

  /**
   * Deletes an experiment and with it its runs, or restores both.
   *
   * @throws MlflowException if there is none to be deleted, or restored
   */
  void turn(String asked, Stage to) {
    Experiment experiment = get(asked);
    long now = clock.millis();
    if (to == Stage.DELETED) {
      trash.add(
          new Trash.Row(
              Kind.EXPERIMENT, experiment.id(), now, experiment.id(), experiment.location()));
    }
    Change change = at(now).set("stage", fromS(to.word())).count("turns");
    if (!table.update(key(ALL, experiment.id()), change.unless("stage", fromS(to.word())))) {
      throw unknown(Long.parseLong(experiment.id()));
    }
    seen.clear();
  }

  private Change now() {
    return at(clock.millis());
  }

  private static Change at(long millis) {
    return new Change().set("updated", fromN("" + millis));
  }

  /**
   * Removes an experiment that was deleted, and tells whether it is gone; not if it was restored
   * since. The default one stays: clients rely on it.
   */
  public boolean remove(Trash.Row row) {
    while (true) {
      Optional<Experiment> there = read(row.id());
      if (there.isEmpty()) {
        return true;
      }
      Experiment experiment = there.get();
      if (experiment.stage() != Stage.DELETED
          || experiment.updated() != row.at()
          || row.id().equals(Experiment.DEFAULT_ID)) {
        return false;
      }
      if (table.write(
          List.of(
              table.deleting(key(ALL, row.id()), turnsOf(experiment)),
              table.deleting(key(NAMES + experiment.name(), NAMES))))) {
        return true;
      }
    }
  }

  /** A part of a transaction: only if nobody deletes or restores an experiment meanwhile. */
  TransactWriteItem unturned(Experiment experiment) {
    return table.checking(key(ALL, experiment.id()), turnsOf(experiment));
  }

  private static Map<String, AttributeValue> turnsOf(Experiment experiment) {
    return Map.of("turns", fromN("" + experiment.turns()));
  }

  /** Where an experiment keeps its artifacts that named no location: nothing else is there. */
  public String folder(String id) {
    return Uris.append(artifactRoot, id);
  }

  /**
   * Gives an experiment another name.
   *
   * @throws MlflowException if it is deleted, or another one has the name
   */
  void rename(String asked, String name) {
    Experiment experiment = get(asked);
    if (experiment.stage() != Stage.ACTIVE) {
      throw new MlflowException(Code.INVALID_STATE, "Cannot rename a non-active experiment.");
    }
    if (experiment.name().equals(name)) {
      table.update(key(ALL, experiment.id()), now());
      return;
    }
    Change change =
        now()
            .set("name", fromS(name))
            .where("name", fromS(experiment.name()))
            .where("stage", fromS(Stage.ACTIVE.word()));
    boolean done =
        table.write(
            List.of(
                claim(name, experiment.id()),
                table.deleting(key(NAMES + experiment.name(), NAMES)),
                table.updating(key(ALL, experiment.id()), change)));
    if (!done) {
      throw get(asked).equals(experiment) ? taken(name) : changed();
    }
  }

  /**
   * Sets a tag.
   *
   * @throws MlflowException if the experiment is deleted
   */
  void tag(Experiment experiment, String key, String value) {
    updateActive(experiment, new Change().set("tags", key, fromS(value)));
  }

  /**
   * Takes a tag away.
   *
   * @throws MlflowException if the experiment is deleted
   */
  void untag(Experiment experiment, String key) {
    updateActive(experiment, new Change().remove("tags", key));
  }

  private void updateActive(Experiment experiment, Change change) {
    if (!table.update(
        key(ALL, experiment.id()), change.where("stage", fromS(Stage.ACTIVE.word())))) {
      throw inactive(experiment.id());
    }
  }

  /** That somebody made an experiment counts no longer; tells whether it did. */
  public boolean disown(String id, String owner) {
    return table.update(
        key(ALL, id),
        new Change().remove(Permissions.OWNER).where(Permissions.OWNER, fromS(owner)));
  }

  public static MlflowException inactive(String id) {
    return MlflowException.invalid(
        "The experiment %s must be in the 'active' state. Current state is deleted.".formatted(id));
  }

  private static Experiment experiment(Map<String, AttributeValue> item) {
    return new Experiment(
        item.get("sk").s(),
        item.get("name").s(),
        item.get("location").s(),
        Stage.of(item.get("stage").s()),
        Long.parseLong(item.get("turns").n()),
        Long.parseLong(item.get("created").n()),
        Long.parseLong(item.get("updated").n()),
        StoredTexts.read(item.get("tags")),
        Optional.ofNullable(item.get(Permissions.OWNER)).map(AttributeValue::s));
  }
}
