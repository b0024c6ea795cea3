package dev.snapslice.mlflow.datasets;

import static dev.snapslice.mlflow.table.TrackingTable.key;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromL;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.mlflow.datasets.EvaluationDataset.State;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.table.Change;
import dev.snapslice.mlflow.table.StoredTexts;
import dev.snapslice.mlflow.table.TrackingTable;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;

/**
 * All evaluation datasets: one partition of the tracking table, so that a search is one query. The
 * records of each are a partition of their own, see {@link Records}. Thread-safe.
 */
public final class Datasets {
  static final int ATTEMPTS = 8;
  private static final String ALL = "evaluation-datasets";

  /** As many names as fit an expression of DynamoDB, which has 4 KB. */
  private static final int TAGS_AT_ONCE = 60;

  static final String USER = "mlflow.user";

  private final TrackingTable table;
  private final InstantSource clock;
  private final RandomGenerator random;

  public Datasets(TrackingTable table, InstantSource clock, RandomGenerator random) {
    this.table = table;
    this.clock = clock;
    this.random = random;
  }

  EvaluationDataset create(String name, SortedMap<String, String> tags, List<String> experiments) {
    long now = clock.millis();
    Optional<String> user = Optional.ofNullable(tags.get(USER));
    EvaluationDataset dataset =
        new EvaluationDataset(
            "d-%016x%016x".formatted(random.nextLong(), random.nextLong()),
            name,
            tags,
            experiments.stream().distinct().toList(),
            new State(0, Optional.empty(), Optional.empty(), now, now, user),
            now,
            user);
    Map<String, AttributeValue> item = new HashMap<>(head(dataset.id()));
    item.put("name", fromS(name));
    item.put("tags", StoredTexts.of(tags));
    item.put("experiments", texts(dataset.experiments()));
    item.put("created", fromN("" + now));
    user.ifPresent(creator -> item.put("creator", fromS(creator)));
    item.putAll(stored(dataset.state()));
    table.put(item);
    return dataset;
  }

  private static Map<String, AttributeValue> head(String id) {
    return key(ALL, id);
  }

  private static AttributeValue texts(List<String> texts) {
    return fromL(texts.stream().map(AttributeValue::fromS).toList());
  }

  private static Map<String, AttributeValue> stored(State state) {
    Map<String, AttributeValue> item = new HashMap<>();
    item.put("revision", fromN("" + state.revision()));
    item.put("digested", fromN("" + state.digested()));
    item.put("updated", fromN("" + state.updated()));
    state.records().ifPresent(count -> item.put("records", fromN("" + count)));
    state.schema().ifPresent(schema -> item.put("schema", fromS(schema)));
    state.updater().ifPresent(user -> item.put("updater", fromS(user)));
    return item;
  }

  private static EvaluationDataset read(Map<String, AttributeValue> item) {
    return new EvaluationDataset(
        item.get("sk").s(),
        item.get("name").s(),
        StoredTexts.read(item.get("tags")),
        item.get("experiments").l().stream().map(AttributeValue::s).toList(),
        new State(
            number(item.get("revision")),
            Optional.ofNullable(item.get("records")).map(Datasets::number),
            Optional.ofNullable(item.get("schema")).map(AttributeValue::s),
            number(item.get("digested")),
            number(item.get("updated")),
            Optional.ofNullable(item.get("updater")).map(AttributeValue::s)),
        number(item.get("created")),
        Optional.ofNullable(item.get("creator")).map(AttributeValue::s));
  }

  private static long number(AttributeValue stored) {
    return Long.parseLong(stored.n());
  }

  Optional<EvaluationDataset> find(String id) {
    return Optional.of(table.get(head(id))).filter(item -> !item.isEmpty()).map(Datasets::read);
  }

  /** The ids of a dataset's experiments; none if there is no such dataset. */
  public List<String> experimentsOf(String id) {
    return find(id).map(EvaluationDataset::experiments).orElse(List.of());
  }

  List<EvaluationDataset> all() {
    return table.partition(ALL).stream().map(Datasets::read).toList();
  }

  /** Deletes a dataset, if it is there; its records are out of reach then. */
  void delete(String id) {
    table.delete(head(id));
  }

  /** Sets tags, and tells whether the dataset is there. */
  boolean tag(String id, Map<String, String> tags) {
    Change change = new Change();
    for (var tag : tags.entrySet()) {
      change.set("tags", tag.getKey(), fromS(tag.getValue()));
      if (change.size() == TAGS_AT_ONCE) {
        table.update(head(id), change);
        change = new Change();
      }
    }
    if (change.size() > 0) {
      table.update(head(id), change);
    }
    return find(id).isPresent();
  }

  /** Takes a tag away, if it is there. */
  void untag(String id, String key) {
    table.update(head(id), new Change().remove("tags", key));
  }

  /**
   * Gives a dataset other experiments.
   *
   * @throws MlflowException if it is not there
   */
  EvaluationDataset move(String id, UnaryOperator<List<String>> change) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      EvaluationDataset dataset = find(id).orElseThrow(() -> missing(id));
      List<String> experiments = change.apply(dataset.experiments());
      State was = dataset.state();
      State is =
          new State(
              was.revision() + 1,
              was.records(),
              was.schema(),
              was.digested(),
              clock.millis(),
              was.updater());
      Change moved = to(dataset, is).set("experiments", texts(experiments));
      if (table.update(head(id), moved)) {
        return find(id).orElseThrow(() -> missing(id));
      }
      TrackingTable.pause(attempt);
    }
    throw busy(id);
  }

  /** To another state, if nobody has changed the dataset since it was read. */
  private static Change to(EvaluationDataset dataset, State state) {
    Change change = new Change().where("revision", fromN("" + dataset.state().revision()));
    stored(state).forEach(change::set);
    return state.updater().isEmpty() ? change.remove("updater") : change;
  }

  /** A part of a transaction that changes records: with it they change, or not at all. */
  TransactWriteItem changing(EvaluationDataset dataset, State state) {
    return table.updating(head(dataset.id()), to(dataset, state));
  }

  private static MlflowException missing(String id) {
    return MlflowException.missing("Dataset '%s' not found".formatted(id));
  }

  static MlflowException busy(String id) {
    return new MlflowException(
        Code.TEMPORARILY_UNAVAILABLE,
        "others change the dataset '%s' just now: try again".formatted(id));
  }
}
