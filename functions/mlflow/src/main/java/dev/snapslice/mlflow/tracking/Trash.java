package dev.snapslice.mlflow.tracking;

import static dev.snapslice.mlflow.table.TrackingTable.key;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.mlflow.table.TrackingTable;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * What was deleted, in order of time: one partition of the tracking table. A row comes before its
 * deletion, so nothing is deleted that has none; a row whose deletion did not happen, or was undone
 * since, says nothing. Thread-safe.
 */
public final class Trash {
  private static final String PARTITION = "trash";

  private final TrackingTable table;

  public Trash(TrackingTable table) {
    this.table = table;
  }

  /** What can be deleted. */
  public enum Kind {
    RUN,
    EXPERIMENT,
    MODEL,
    TRACE,
    SCORER,
    DATASET
  }

  /**
   * A deletion, with all that it takes to go on when half of the deleted is gone.
   *
   * @param at epoch milliseconds; what was deleted has the same, or the deletion does not count
   * @param experimentId of a run, a model, a trace or a scorer, or its own; empty of a dataset
   * @param location URI under which it keeps its artifacts; empty if it has none
   */
  public record Row(Kind kind, String id, long at, String experimentId, String location) {
    private Map<String, AttributeValue> itemKey() {
      return key(
          PARTITION, "%s#%s#%s".formatted(sort(at), kind.name().toLowerCase(Locale.ROOT), id));
    }

    /** The moment, as what was deleted notes it. */
    public AttributeValue moment() {
      return fromN("" + at);
    }
  }

  private static String sort(long millis) {
    return "%015d".formatted(millis);
  }

  /** Notes what is about to be deleted. */
  public void add(Row row) {
    Map<String, AttributeValue> item = new HashMap<>(row.itemKey());
    item.put("experiment", fromS(row.experimentId()));
    item.put("location", fromS(row.location()));
    table.put(item);
  }

  /** Those of before a moment, the oldest first, read as far as the stream is. */
  public Stream<Row> before(long millis) {
    return table.before(PARTITION, sort(millis)).map(Trash::row);
  }

  private static Row row(Map<String, AttributeValue> item) {
    String[] sort = item.get("sk").s().split("#", 3);
    return new Row(
        Kind.valueOf(sort[1].toUpperCase(Locale.ROOT)),
        sort[2],
        Long.parseLong(sort[0]),
        item.get("experiment").s(),
        item.get("location").s());
  }

  /** Forgets a deletion that does not count, or of which nothing is left. */
  public void drop(Row row) {
    table.delete(row.itemKey());
  }
}
