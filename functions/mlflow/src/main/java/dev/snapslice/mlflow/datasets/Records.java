package dev.snapslice.mlflow.datasets;

import static dev.snapslice.mlflow.table.TrackingTable.key;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.job.FanOut;
import dev.snapslice.mlflow.datasets.EvaluationDataset.State;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.PythonJson;
import dev.snapslice.mlflow.table.Change;
import dev.snapslice.mlflow.table.Deadline;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.Trash;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;

/**
 * The records of datasets, each in an item, in order of their ids. They change by transactions
 * together with the dataset's head, which counts them: the count is right and a deleted dataset
 * gets none, whoever dies when. Thread-safe.
 */
public final class Records {
  /** A transaction has 100 items and 4 MB. */
  private static final int AT_ONCE = 90;

  private static final int LARGEST = 3_000_000;
  private static final int READS_AT_ONCE = 16;
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final TrackingTable table;
  private final Datasets datasets;
  private final InstantSource clock;
  private final Trash trash;
  private final FanOut reads = new FanOut(READS_AT_ONCE);

  public Records(TrackingTable table, Datasets datasets, InstantSource clock) {
    this.table = table;
    this.datasets = datasets;
    this.clock = clock;
    this.trash = new Trash(table);
  }

  /** How many records were new, and how many not. */
  record Merged(int inserted, int updated) {
    Merged plus(Merged other) {
      return new Merged(inserted + other.inserted, updated + other.updated);
    }
  }

  private record Kept(DatasetRecord record, long revision) {}

  private static String partition(String datasetId) {
    return "evaluation-records/" + datasetId;
  }

  /** The records after the one with an id; none if the dataset is not there. */
  Stream<ObjectNode> after(String datasetId, String id) {
    return datasets.find(datasetId).isEmpty()
        ? Stream.empty()
        : table.after(partition(datasetId), id).map(item -> read(item).record().json());
  }

  private static Kept read(Map<String, AttributeValue> item) {
    JsonNode json = PythonJson.loads(item.get("record").s()).orElseThrow();
    return new Kept(
        new DatasetRecord(item.get("sk").s(), (ObjectNode) json),
        Long.parseLong(item.get("revision").n()));
  }

  /**
   * Merges records into a dataset: by their inputs, 90 at a time.
   *
   * @throws MlflowException if the dataset is not there, or what was sent is no record
   */
  Merged merge(String datasetId, List<JsonNode> sent) {
    long now = clock.millis();
    Optional<String> user =
        sent.stream()
            .map(record -> record.path("tags").path(Datasets.USER))
            .filter(JsonNode::isTextual)
            .map(JsonNode::asText)
            .reduce((first, last) -> last);
    sent.forEach(each -> DatasetRecord.of(datasetId, each, now));
    Merged merged = new Merged(0, 0);
    for (int from = 0; from == 0 || from < sent.size(); from += AT_ONCE) {
      List<JsonNode> part = sent.subList(from, Math.min(from + AT_ONCE, sent.size()));
      merged = merged.plus(part(datasetId, part, now, user));
    }
    return merged;
  }

  private Merged part(String datasetId, List<JsonNode> sent, long now, Optional<String> user) {
    for (int attempt = 1; attempt <= Datasets.ATTEMPTS; attempt++) {
      EvaluationDataset dataset =
          datasets
              .find(datasetId)
              .orElseThrow(() ->
                  MlflowException.missing(
                      "Evaluation dataset with id '%s' not found".formatted(datasetId)));
      Map<String, Kept> known = known(datasetId, sent.stream().map(DatasetRecord::id).toList());
      Map<String, DatasetRecord> records = new LinkedHashMap<>();
      for (JsonNode each : sent) {
        String id = DatasetRecord.id(each);
        DatasetRecord was = Optional.ofNullable(known.get(id)).map(Kept::record).orElse(null);
        DatasetRecord before = records.getOrDefault(id, was);
        records.put(
            id, before == null ? DatasetRecord.of(datasetId, each, now) : before.with(each, now));
      }
      List<TransactWriteItem> writes = new ArrayList<>();
      long size = 0;
      for (DatasetRecord record : records.values()) {
        String text = PythonJson.dumps(record.json());
        size += text.length();
        writes.add(write(datasetId, record.id(), text, known.get(record.id())));
      }
      if (size > LARGEST && sent.size() > 1) {
        int half = sent.size() / 2;
        return part(datasetId, sent.subList(0, half), now, user)
            .plus(part(datasetId, sent.subList(half, sent.size()), now, user));
      }
      int inserted = records.size() - known.size();
      writes.add(datasets.changing(dataset, state(dataset.state(), inserted, sent, now, user)));
      if (table.write(writes)) {
        return new Merged(inserted, sent.size() - inserted);
      }
      TrackingTable.pause(attempt);
    }
    throw Datasets.busy(datasetId);
  }

  private Map<String, Kept> known(String datasetId, List<String> ids) {
    Map<String, Kept> known = new HashMap<>();
    reads
        .map(ids.stream().distinct().toList(), id -> table.get(key(partition(datasetId), id)))
        .stream()
        .filter(item -> !item.isEmpty())
        .map(Records::read)
        .forEach(kept -> known.put(kept.record().id(), kept));
    return known;
  }

  private TransactWriteItem write(String datasetId, String id, String text, Kept known) {
    Map<String, AttributeValue> item = new HashMap<>(key(partition(datasetId), id));
    if (known == null) {
      item.put("record", fromS(text));
      item.put("revision", fromN("0"));
      return table.putting(item);
    }
    return table.updating(
        item,
        new Change()
            .set("record", fromS(text))
            .set("revision", fromN("" + (known.revision() + 1)))
            .where("revision", fromN("" + known.revision())));
  }

  private static State state(
      State was, int inserted, List<JsonNode> sent, long now, Optional<String> user) {
    long count = was.records().orElse(0L) + inserted;
    return new State(
        was.revision() + 1,
        count == 0 ? was.records() : Optional.of(count),
        RecordSchema.with(was.schema(), sent),
        now,
        now,
        user);
  }

  /** Deletes those of some records that are there, and tells how many. */
  int delete(String datasetId, List<String> ids) {
    List<String> each = ids.stream().distinct().toList();
    int deleted = 0;
    for (int from = 0; from < each.size(); from += AT_ONCE) {
      deleted += deletePart(datasetId, each.subList(from, Math.min(from + AT_ONCE, each.size())));
    }
    return deleted;
  }

  private int deletePart(String datasetId, List<String> ids) {
    for (int attempt = 1; attempt <= Datasets.ATTEMPTS; attempt++) {
      Optional<EvaluationDataset> dataset = datasets.find(datasetId);
      Map<String, Kept> known = known(datasetId, ids);
      if (dataset.isEmpty() || known.isEmpty()) {
        return 0;
      }
      State was = dataset.get().state();
      State is =
          new State(
              was.revision() + 1,
              Optional.of(was.records().orElse(0L) - known.size()),
              was.schema(),
              was.digested(),
              was.updated(),
              was.updater());
      List<TransactWriteItem> writes = new ArrayList<>();
      known.keySet().forEach(id -> writes.add(table.deleting(key(partition(datasetId), id))));
      writes.add(datasets.changing(dataset.get(), is));
      if (table.write(writes)) {
        return known.size();
      }
      TrackingTable.pause(attempt);
    }
    throw Datasets.busy(datasetId);
  }

  /** Deletes a dataset, if it is there, and then its records, or as many as time allows. */
  void deleteAll(String datasetId) {
    var row = new Trash.Row(Trash.Kind.DATASET, datasetId, clock.millis(), "", "");
    trash.add(row);
    datasets.delete(datasetId);
    try {
      table.clear(partition(datasetId), "", new Deadline(clock, clock.instant().plus(PATIENCE)));
      trash.drop(row);
    } catch (Deadline.PassedException e) {
      // Nobody sees what is left, and the clean-up takes it.
    }
  }

  /** Removes what the deletion of a dataset has left, if that came to be. */
  public boolean remove(Trash.Row row, Deadline deadline) {
    boolean gone = datasets.find(row.id()).isEmpty();
    if (gone) {
      table.clear(partition(row.id()), "", deadline);
    }
    return gone;
  }
}
