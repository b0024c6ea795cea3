package dev.snapslice.mlflow.tracking;

import static java.nio.charset.StandardCharsets.UTF_8;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.run.RunExperiments;
import dev.snapslice.core.run.RunInputs;
import dev.snapslice.core.run.RunMoments;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.table.ContentHash;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The items of one run, which one query reads: its head with parameters and tags, its latest
 * metrics as of some time, batches of metrics that were logged since, and long values. All but the
 * head may be missing.
 *
 * <p>Batches are named by their content, and what a run's metrics are follows from the union of all
 * that its items say: so a batch that comes twice, or that a fold has copied and not yet deleted,
 * changes nothing.
 *
 * @param latest of each key
 * @param revision of the item that {@code latest} was read from
 * @param batches metrics that were logged since, by the items' sort keys
 * @param others what was read and made
 */
record RunItems(
    Map<String, AttributeValue> head,
    List<Metric> latest,
    long revision,
    Map<String, List<Metric>> batches,
    Map<String, String> longValues,
    List<Map<String, AttributeValue>> others) {
  static final String HEAD = RunMoments.HEAD;
  static final String SEALED = "sealed";

  /** Since when it is deleted by itself, in epoch milliseconds. */
  static final String DELETED = "deleted";

  static final String BATCH = "metrics#";

  /** After the batches: a fold fills this and then deletes those, and a query reads in order. */
  static final String LATEST = "summary";

  static final String LONG_VALUE = "value#";

  /** In characters. What is longer has an item of its own, so that heads stay cheap to write. */
  private static final int LONGEST_SHORT = 512;

  /** Batches, and values in them, that are read as fast as if they were folded. */
  private static final int FEW_BATCHES = 4;

  private static final int FEW_VALUES = 200;

  private static final char SHORT_VALUE = '=';
  private static final char REFERENCE = '#';

  static String partition(String runId) {
    return RunMoments.partition(runId);
  }

  /**
   * Sorts out what a query has read.
   *
   * @throws MlflowException if there is no such run
   */
  static RunItems of(String runId, List<Map<String, AttributeValue>> items) {
    Map<String, AttributeValue> head = Map.of();
    List<Metric> latest = List.of();
    long revision = 0;
    Map<String, List<Metric>> batches = new HashMap<>();
    Map<String, String> longValues = new HashMap<>();
    List<Map<String, AttributeValue>> others = new ArrayList<>();
    for (Map<String, AttributeValue> item : items) {
      String sort = item.get("sk").s();
      if (sort.equals(HEAD)) {
        head = item;
      } else if (sort.equals(LATEST)) {
        latest = metrics(item);
        revision = Long.parseLong(item.get("revision").n());
      } else if (sort.startsWith(BATCH)) {
        batches.put(sort, metrics(item));
      } else if (!sort.startsWith(LONG_VALUE)) {
        others.add(item);
      } else {
        longValues.put(sort.substring(LONG_VALUE.length()), item.get("value").s());
      }
    }
    if (head.isEmpty()) {
      throw MlflowException.missing("Run with id=%s not found".formatted(runId));
    }
    return new RunItems(head, latest, revision, batches, longValues, others);
  }

  static List<Metric> metrics(Map<String, AttributeValue> item) {
    return MetricPack.unpack(item.get("pack").b().asByteArrayUnsafe());
  }

  /**
   * A value as the head holds it, and, if it is long, the sort key of the item that holds it whole.
   */
  record Stored(AttributeValue inHead, Optional<String> item) {
    static Stored of(String value) {
      if (value.length() <= LONGEST_SHORT) {
        return new Stored(fromS(SHORT_VALUE + value), Optional.empty());
      }
      String hash = ContentHash.of(value.getBytes(UTF_8));
      return new Stored(fromS(REFERENCE + hash), Optional.of(LONG_VALUE + hash));
    }
  }

  private String value(AttributeValue inHead) {
    String text = inHead.s();
    return text.charAt(0) == SHORT_VALUE ? text.substring(1) : longValues.get(text.substring(1));
  }

  private SortedMap<String, String> pairs(String name) {
    SortedMap<String, String> pairs = new TreeMap<>();
    head.get(name).m().forEach((key, value) -> pairs.put(key, value(value)));
    return pairs;
  }

  /** What clients have set, and what we tell. */
  private SortedMap<String, String> tags(List<DatasetInput> datasets) {
    SortedMap<String, String> tags = pairs("tags");
    RunMoment moment = new RunMoment(Instant.ofEpochMilli(number(RunMoments.MOMENT)));
    tags.putAll(OwnTags.of(moment, datasets));
    return tags;
  }

  SortedMap<String, Metric> latestMetrics() {
    List<Metric> all = new ArrayList<>(latest);
    batches.values().forEach(all::addAll);
    SortedMap<String, Metric> newest = new TreeMap<>();
    all.forEach(metric -> newest.merge(metric.key(), metric, Metric::latest));
    return newest;
  }

  /** Whether what was logged lies in more items than a reader should have to read. */
  boolean isScattered() {
    return batches.size() > FEW_BATCHES
        || batches.values().stream().mapToInt(List::size).sum() > FEW_VALUES;
  }

  String experimentId() {
    return head.get(RunExperiments.EXPERIMENT).s();
  }

  /** URI under which it keeps its artifacts. */
  String location() {
    return head.get("location").s();
  }

  /** Whether it is deleted: by the later of what was said of itself and of its experiment. */
  Stage stage(Experiment experiment) {
    return experiment.stageOf(Stage.of(head.get("stage").s()), number("turns"));
  }

  /** Since when nobody changes the run without opening it first; empty while it is open. */
  Optional<Instant> sealed() {
    return head.containsKey(SEALED)
        ? Optional.of(Instant.ofEpochMilli(number(SEALED)))
        : Optional.empty();
  }

  /** The run as it is packed. */
  RunPack.Entry entry(Experiment experiment, long revision) {
    return new RunPack.Entry(
        run(experiment), Stage.of(head.get("stage").s()), number("turns"), revision);
  }

  /** Parameters or tags, as the head holds them. */
  Map<String, AttributeValue> stored(String pairs) {
    return head.get(pairs).m();
  }

  /** The run that the items make, in its experiment. */
  Run run(Experiment experiment) {
    List<DatasetInput> datasets =
        read(Inputs.DATASET)
            .map(
                item -> new DatasetInput(Json.read(item.get(RunInputs.JSON).s(), ObjectNode.class)))
            .toList();
    return new Run(
        head.get("pk").s().substring(partition("").length()),
        experimentId(),
        head.get("name").s(),
        head.get("user").s(),
        head.get("status").s(),
        number("start"),
        head.containsKey("end") ? Optional.of(number("end")) : Optional.empty(),
        location(),
        stage(experiment),
        pairs("params"),
        tags(datasets),
        latestMetrics(),
        datasets,
        read(Inputs.MODEL_INPUT).map(item -> name(item, Inputs.MODEL_INPUT)).toList(),
        outputs());
  }

  private Stream<Map<String, AttributeValue>> read(String prefix) {
    return others.stream().filter(item -> item.get("sk").s().startsWith(prefix));
  }

  private static String name(Map<String, AttributeValue> item, String prefix) {
    return item.get("sk").s().substring(prefix.length());
  }

  private SortedMap<String, Long> outputs() {
    SortedMap<String, Long> outputs = new TreeMap<>();
    read(Inputs.MODEL_OUTPUT)
        .forEach(item ->
            outputs.put(name(item, Inputs.MODEL_OUTPUT), Long.parseLong(item.get("step").n())));
    return outputs;
  }

  private long number(String name) {
    return Long.parseLong(head.get(name).n());
  }
}
