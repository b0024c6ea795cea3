package dev.snapslice.mlflow.tracking;

import static dev.snapslice.mlflow.table.TrackingTable.key;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromM;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.job.FanOut;
import dev.snapslice.core.run.RunExperiments;
import dev.snapslice.core.run.RunMoments;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.table.Change;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.OpenRuns.OpenRun;
import dev.snapslice.mlflow.tracking.RunItems.Stored;
import dev.snapslice.mlflow.tracking.Trash.Kind;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * All runs: each a partition of the tracking table (see {@link RunItems}), and a row in a partition
 * of its experiment, by which it is found. To log metrics takes one write, whoever else logs to the
 * run at the same time. Reads are consistent. Thread-safe.
 */
public final class Runs {
  private static final Logger log = LoggerFactory.getLogger(Runs.class);
  private static final int ID_BYTES = 16;
  private static final int READS_AT_ONCE = 32;

  /** As many names and values as fit an expression of DynamoDB, which has 4 KB. */
  private static final int PAIRS_AT_ONCE = 60;

  /** On average so many batches are folded together. */
  private static final int FOLD_EVERY = 64;

  private final TrackingTable table;
  private final Experiments experiments;
  private final RunExperiments whereabouts;
  private final Metrics metrics;
  private final Inputs inputs;
  private final OpenRuns open;
  private final Trash trash;
  private final RunPacks packs;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final FanOut reads = new FanOut(READS_AT_ONCE);

  public Runs(
      TrackingTable table, Experiments experiments, InstantSource clock, RandomGenerator random) {
    this.table = table;
    this.experiments = experiments;
    this.whereabouts = new RunExperiments(table.dynamo(), table.name());
    this.metrics = new Metrics(table);
    this.inputs = new Inputs(table);
    this.open = new OpenRuns(table, clock, random);
    this.packs = new RunPacks(table);
    this.trash = new Trash(table);
    this.clock = clock;
    this.random = random;
  }

  /** What a new run is told. */
  record Start(String user, long time, Optional<String> name, SortedMap<String, String> tags) {}

  /**
   * Makes a run in an experiment.
   *
   * @throws MlflowException if that is deleted, or the run's tags name no moment of the past
   */
  Run create(Experiment experiment, Start start) {
    if (experiment.stage() != Stage.ACTIVE) {
      throw Experiments.inactive(experiment.id());
    }
    RunMoment moment = RunMoment.of(start.tags(), clock.instant());
    byte[] bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    String id = HexFormat.of().formatHex(bytes);
    String name =
        start
            .name()
            .or(() -> Optional.ofNullable(start.tags().get(Run.NAME_TAG)))
            .filter(given -> !given.isEmpty())
            .orElseGet(() -> RunNames.next(random));
    SortedMap<String, String> tags = OwnTags.without(start.tags());
    tags.put(Run.NAME_TAG, name);
    Map<String, AttributeValue> head = new HashMap<>(key(RunItems.partition(id), RunItems.HEAD));
    head.put(RunExperiments.EXPERIMENT, fromS(experiment.id()));
    head.put("name", fromS(name));
    head.put("user", fromS(start.user()));
    head.put("status", fromS(Run.STATUSES[0]));
    head.put("start", fromN("" + start.time()));
    head.put("location", fromS(Uris.append(experiment.location(), id, "artifacts")));
    head.put("stage", fromS(Stage.ACTIVE.word()));
    head.put("turns", fromN("" + experiment.turns()));
    head.put(RunMoments.MOMENT, fromN("" + moment.epochMillis()));
    head.put("params", fromM(Map.of()));
    head.put("tags", fromM(stored(id, tags)));
    // One without the other is nothing that anybody sees: nobody was told this run's id yet.
    table.putAll(List.of(open.opened(experiment.id(), id), head));
    whereabouts.know(id, experiment.id());
    return new RunItems(head, List.of(), 0, Map.of(), longValues(tags), List.of()).run(experiment);
  }

  private static Map<String, String> longValues(SortedMap<String, String> pairs) {
    Map<String, String> values = new HashMap<>();
    pairs
        .values()
        .forEach(value ->
            Stored.of(value)
                .item()
                .ifPresent(
                    item -> values.put(item.substring(RunItems.LONG_VALUE.length()), value)));
    return values;
  }

  /** Values as the head holds them; long ones are written first, so that none is ever missing. */
  private Map<String, AttributeValue> stored(String id, Map<String, String> pairs) {
    Map<String, AttributeValue> stored = new HashMap<>();
    pairs.forEach((key, value) -> {
      Stored its = Stored.of(value);
      its.item()
          .ifPresent(item -> {
            Map<String, AttributeValue> whole = new HashMap<>(key(RunItems.partition(id), item));
            whole.put("value", fromS(value));
            table.put(whole);
          });
      stored.put(key, its.inHead());
    });
    return stored;
  }

  /**
   * A run, deleted or not.
   *
   * @throws MlflowException if there is none
   */
  public Run get(String id) {
    RunItems items = existing(id);
    return items.run(experiments.recent(items.experimentId()));
  }

  private RunItems existing(String id) {
    return RunItems.of(id, table.partition(RunItems.partition(id)));
  }

  /** What a run's head alone says: little to read, however much was logged. */
  private RunItems head(String id) {
    Map<String, AttributeValue> head = table.get(key(RunItems.partition(id), RunItems.HEAD));
    return RunItems.of(id, head.isEmpty() ? List.of() : List.of(head));
  }

  /** The head of a run that is to be changed, and is open from now on. */
  private RunItems opened(String id) {
    RunItems head = head(id);
    if (head.sealed().isPresent()) {
      // First, so that a run is always open that is not sealed.
      open.open(head.experimentId(), id);
      apply(id, new Change().remove(RunItems.SEALED));
    }
    return head;
  }

  /** The same of a run that is not deleted. */
  private RunItems active(String id) {
    RunItems head = opened(id);
    if (head.stage(experiments.recent(head.experimentId())) != Stage.ACTIVE) {
      throw MlflowException.invalid(
          "The run %s must be in the 'active' state. Current state is deleted.".formatted(id));
    }
    return head;
  }

  /** From now on nobody changes the run without opening it first. */
  void seal(String id) {
    apply(id, sealing(new Change()));
  }

  private Change sealing(Change change) {
    return change.set(RunItems.SEALED, fromN("" + clock.millis()));
  }

  /** The runs of some experiments that are wanted, in an order. */
  List<SearchedRun> search(
      List<Experiment> some, Predicate<SearchedRun> wanted, Comparator<SearchedRun> order) {
    List<SearchedRun> found = new ArrayList<>();
    for (Experiment experiment : some) {
      // These first: a run is closed when a pack has it.
      List<OpenRun> open = this.open.of(experiment.id());
      Set<String> openIds = open.stream().map(OpenRun::runId).collect(Collectors.toSet());
      for (RunPacks.Row row : packs.view(experiment.id()).rows()) {
        SearchedRun run = row.pack().run(row.row(), experiment);
        if (!openIds.contains(run.id()) && wanted.test(run)) {
          found.add(run);
        }
      }
      reads.map(open, run -> items(run.runId())).stream()
          .flatMap(Optional::stream)
          .map(items -> items.run(experiment))
          .filter(wanted)
          .forEach(found::add);
    }
    found.sort(order);
    return found;
  }

  /** The items of a run, if there is one. */
  Optional<RunItems> items(String id) {
    List<Map<String, AttributeValue>> items = table.partition(RunItems.partition(id));
    return items.stream().anyMatch(item -> item.get("sk").s().equals(RunItems.HEAD))
        ? Optional.of(RunItems.of(id, items))
        : Optional.empty();
  }

  OpenRuns open() {
    return open;
  }

  /** In which experiments they are. */
  public RunExperiments whereabouts() {
    return whereabouts;
  }

  /**
   * Changes what a run says of itself; what is empty stays.
   *
   * @throws MlflowException if it is deleted, or there is none
   */
  Run update(String id, Optional<String> status, Optional<Long> end, Optional<String> name) {
    active(id);
    Change change = new Change();
    status.ifPresent(value -> change.set("status", fromS(value)));
    end.ifPresent(value -> change.set("end", fromN("" + value)));
    name.ifPresent(
        value -> rename(change, value, stored(id, Map.of(Run.NAME_TAG, value)).get(Run.NAME_TAG)));
    boolean ended = status.filter(value -> !value.equals(Run.STATUSES[0])).isPresent();
    apply(id, ended ? sealing(change) : change);
    RunItems items = existing(id);
    if (ended && items.isScattered()) {
      fold(id);
    }
    return items.run(experiments.recent(items.experimentId()));
  }

  private static void rename(Change change, String name, AttributeValue tag) {
    change.set("name", fromS(name)).set("tags", Run.NAME_TAG, tag);
  }

  /**
   * Deletes a run, or restores it.
   *
   * @throws MlflowException if there is none
   */
  void turn(String id, Stage to) {
    RunItems head = opened(id);
    Experiment experiment = experiments.get(head.experimentId());
    Change change = new Change();
    change.set("stage", fromS(to.word()));
    change.set("turns", fromN("" + experiment.turns()));
    if (to == Stage.DELETED) {
      var row = new Trash.Row(Kind.RUN, id, clock.millis(), experiment.id(), head.location());
      trash.add(row);
      change.set(RunItems.DELETED, row.moment());
    } else {
      change.remove(RunItems.DELETED);
    }
    apply(id, change);
  }

  /**
   * Logs to a run.
   *
   * @throws MlflowException if it is deleted, there is none, a parameter has another value, or a
   *     tag is not for clients to set
   */
  void log(String id, List<Metric> logged, Map<String, String> params, Map<String, String> tags) {
    log(id, logged, List.of(), params, tags);
  }

  /**
   * The same.
   *
   * @param ofModels items that tell the metrics of logged models
   */
  void log(
      String id,
      List<Metric> logged,
      List<Map<String, AttributeValue>> ofModels,
      Map<String, String> params,
      Map<String, String> tags) {
    OwnTags.check(tags.keySet());
    if (!setUnread(id, params, tags)) {
      setRead(id, params, tags);
    }
    if (!logged.isEmpty()) {
      metrics.log(id, logged, ofModels);
      if (random.nextInt(FOLD_EVERY) == 0) {
        fold(id);
      }
    }
  }

  /**
   * Sets what one update takes without reading the run, where its experiment is known; tells
   * whether it did. On the conditions of that update the run would be found active and open, and
   * its parameters new or the same.
   */
  private boolean setUnread(String id, Map<String, String> params, Map<String, String> tags) {
    int size = params.size() + tags.size();
    if (size == 0 || size >= PAIRS_AT_ONCE) {
      return false;
    }
    Optional<Experiment> experiment = whereabouts.known(id).map(experiments::recent);
    if (experiment.filter(its -> its.stage() == Stage.ACTIVE).isEmpty()) {
      return false;
    }
    Change change =
        new Change()
            .where("stage", fromS(Stage.ACTIVE.word()))
            .where("turns", fromN("" + experiment.get().turns()))
            .without(RunItems.SEALED);
    stored(id, params).forEach((key, value) -> change.setOnce("params", key, value));
    stored(id, tags).forEach((key, value) -> tag(change, key, value, tags.get(key)));
    return change.size() > 0 && table.update(key(RunItems.partition(id), RunItems.HEAD), change);
  }

  private void setRead(String id, Map<String, String> params, Map<String, String> tags) {
    RunItems head = active(id);
    whereabouts.know(id, head.experimentId());
    Map<String, AttributeValue> known = head.stored("params");
    List<String> changed =
        params.keySet().stream()
            .filter(known::containsKey)
            .filter(key -> !known.get(key).equals(Stored.of(params.get(key)).inHead()))
            .toList();
    if (!changed.isEmpty()) {
      throw new ParamChangedException(get(id), params, changed);
    }
    Map<String, String> fresh = new TreeMap<>(params);
    fresh.keySet().removeAll(known.keySet());
    setPairs(id, fresh, tags);
  }

  /** Makes a run cheaper to read; what is not folded is read as it is, so nothing depends on it. */
  private void fold(String id) {
    try {
      metrics.fold(id, existing(id));
    } catch (RuntimeException e) {
      log.warn("the metrics of run {} were not folded", id, e);
    }
  }

  /**
   * Notes what a run read.
   *
   * @throws MlflowException if it is deleted, or there is none
   */
  void logInputs(String id, List<DatasetInput> datasets, List<String> modelIds) {
    String experimentId = active(id).experimentId();
    inputs.log(experimentId, id, datasets, modelIds, clock.instant());
  }

  /**
   * Notes which models a run made, each with its step.
   *
   * @throws MlflowException if it is deleted, or there is none
   */
  void logOutputs(String id, Map<String, Long> models) {
    active(id);
    inputs.logOutputs(id, models);
  }

  /** The {@code DatasetSummary} messages of an experiment. */
  List<ObjectNode> datasets(String experimentId) {
    return inputs.summaries(experimentId);
  }

  private void setPairs(String id, Map<String, String> params, Map<String, String> tags) {
    Change change = new Change();
    for (var param : stored(id, params).entrySet()) {
      change.setOnce("params", param.getKey(), param.getValue());
      change = applyIfFull(id, change);
    }
    for (var tag : stored(id, tags).entrySet()) {
      tag(change, tag.getKey(), tag.getValue(), tags.get(tag.getKey()));
      change = applyIfFull(id, change);
    }
    apply(id, change);
  }

  private static void tag(Change change, String key, AttributeValue stored, String value) {
    if (!key.equals(Run.NAME_TAG)) {
      change.set("tags", key, stored);
    } else if (!value.isEmpty()) {
      rename(change, value, stored);
    }
  }

  private Change applyIfFull(String id, Change change) {
    if (change.size() < PAIRS_AT_ONCE) {
      return change;
    }
    apply(id, change);
    return new Change();
  }

  /**
   * Takes a tag away.
   *
   * @throws MlflowException if there is no such tag, it is not for clients to take away, or the run
   *     is deleted
   */
  void untag(String id, String key) {
    OwnTags.check(Set.of(key));
    if (!active(id).stored("tags").containsKey(key)) {
      throw MlflowException.missing("No tag with name: %s in run with id %s".formatted(key, id));
    }
    Change change = new Change();
    change.remove("tags", key);
    apply(id, change);
  }

  private void apply(String id, Change change) {
    if (change.size() == 0) {
      return;
    }
    if (!table.update(key(RunItems.partition(id), RunItems.HEAD), change)) {
      head(id); // it may have been cleaned up just now
      throw MlflowException.invalid(
          "Changing param values is not allowed. Another value was logged to run ID='%s' just now."
              .formatted(id));
    }
  }

  /** All values of a metric, in order; none where there is no such run. */
  List<Metric> history(String id, String key) {
    // Batches first: a fold copies them into the history before it deletes them.
    List<Metric> all = new ArrayList<>();
    table.partition(RunItems.partition(id), RunItems.BATCH).stream()
        .flatMap(item -> RunItems.metrics(item).stream())
        .filter(metric -> metric.key().equals(key))
        .forEach(all::add);
    if (Checks.isShort(key)) {
      all.addAll(metrics.folded(id, key));
    }
    return Metric.history(all);
  }
}
