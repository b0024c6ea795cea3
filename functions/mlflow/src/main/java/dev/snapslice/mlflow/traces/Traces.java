package dev.snapslice.mlflow.traces;

import static dev.snapslice.mlflow.table.TrackingTable.key;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromB;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromBool;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.table.Change;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.Experiment;
import dev.snapslice.mlflow.tracking.Trash;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * All traces: a row for each in a partition of its experiment, the newest first, and a place by
 * which it is found. A row has a version, and only who knows the latest changes it. Spans lie
 * beside, see {@link Spans}. Reads are consistent. Thread-safe.
 */
final class Traces {
  private static final String PLACE = "place";
  private static final int ATTEMPTS = 20;

  private final TrackingTable table;
  private final Spans spans;
  private final Trash trash;

  Traces(TrackingTable table, Spans spans) {
    this.table = table;
    this.spans = spans;
    this.trash = new Trash(table);
  }

  private static String partition(String experimentId) {
    return "traces#" + experimentId;
  }

  /** Sorts the newest first, and those of one moment by id. */
  private static Map<String, AttributeValue> rowKey(Trace trace) {
    return key(
        partition(trace.experimentId()),
        "%019d#%s".formatted(Long.MAX_VALUE - Math.max(0, trace.millis()), trace.id()));
  }

  private static Map<String, AttributeValue> placeKey(String id) {
    return key("trace#" + id, PLACE);
  }

  private static Map<String, AttributeValue> rowKey(Map<String, AttributeValue> place) {
    return Map.of("pk", place.get("row-pk"), "sk", place.get("row-sk"));
  }

  private static boolean isThere(Map<String, AttributeValue> place) {
    return !place.isEmpty() && !place.containsKey("deleted");
  }

  private static Trace trace(Map<String, AttributeValue> row) {
    return new Trace(Packed.unpack(row.get("trace").b().asByteArray()));
  }

  private static AttributeValue packed(Trace trace) {
    return fromB(SdkBytes.fromByteArray(Packed.pack(trace.json())));
  }

  Optional<Trace> find(String id) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Map<String, AttributeValue> place = table.get(placeKey(id));
      if (!isThere(place)) {
        return Optional.empty();
      }
      Map<String, AttributeValue> row = table.get(rowKey(place));
      if (!row.isEmpty()) {
        return Optional.of(trace(row));
      }
      // It was moved between the two reads.
    }
    throw busy(id);
  }

  /**
   * A trace.
   *
   * @throws MlflowException if there is none
   */
  Trace get(String id) {
    return find(id).orElseThrow(() -> missing(id));
  }

  static MlflowException missing(String id) {
    return MlflowException.missing("Trace with ID '%s' not found.".formatted(id));
  }

  /** The same, as it is told to who wants the spans. */
  static MlflowException unfound(String id) {
    return MlflowException.missing("Trace with ID %s is not found.".formatted(id));
  }

  private static MlflowException busy(String id) {
    return new MlflowException(
        Code.TEMPORARILY_UNAVAILABLE, "the trace %s is written by many: try again".formatted(id));
  }

  /** Those of an experiment, the newest first, read as far as the stream is. */
  Stream<Trace> of(String experimentId) {
    return table.stream(partition(experimentId)).map(Traces::trace);
  }

  /**
   * Changes a trace and tells what it became.
   *
   * @throws MlflowException if there is none
   */
  Trace change(String id, Consumer<Trace> edit) {
    return change(
        id,
        () -> {
          throw missing(id);
        },
        edit);
  }

  /**
   * The same; where there is none, makes one.
   *
   * @param edit may be asked more than once, each time of the latest
   */
  Trace change(String id, Supplier<Trace> otherwise, Consumer<Trace> edit) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Map<String, AttributeValue> place = table.get(placeKey(id));
      Map<String, AttributeValue> row = isThere(place) ? table.get(rowKey(place)) : Map.of();
      if (!isThere(place)) {
        Trace trace = otherwise.get();
        edit.accept(trace);
        clear(id, place);
        if (insert(trace)) {
          return trace;
        }
      } else if (!row.isEmpty()) {
        Trace trace = trace(row);
        edit.accept(trace);
        if (replace(row, trace)) {
          return trace;
        }
      }
      TrackingTable.pause(attempt);
    }
    throw busy(id);
  }

  private boolean insert(Trace trace) {
    Map<String, AttributeValue> row = new HashMap<>(rowKey(trace));
    Map<String, AttributeValue> place = new HashMap<>(placeKey(trace.id()));
    place.put("row-pk", row.get("pk"));
    place.put("row-sk", row.get("sk"));
    row.put("trace", packed(trace));
    row.put("version", fromN("0"));
    return table.write(List.of(table.putting(place), table.putting(row)));
  }

  private boolean replace(Map<String, AttributeValue> row, Trace trace) {
    Map<String, AttributeValue> from = key(row.get("pk").s(), row.get("sk").s());
    Map<String, AttributeValue> to = rowKey(trace);
    AttributeValue version = row.get("version");
    if (from.equals(to)) {
      Change change = new Change().set("trace", packed(trace)).count("version");
      return table.update(from, change.where("version", version));
    }
    Map<String, AttributeValue> moved = new HashMap<>(to);
    moved.put("trace", packed(trace));
    moved.put("version", version);
    Change place =
        new Change().set("row-pk", to.get("pk")).set("row-sk", to.get("sk")).without("deleted");
    return table.write(
        List.of(
            table.deleting(from, Map.of("version", version)),
            table.putting(moved),
            table.updating(placeKey(trace.id()), place)));
  }

  /**
   * Keeps spans that came: they first, so nobody sees them before the trace says that they are
   * there.
   *
   * @param runId of the run that they belong to; empty if there is none
   */
  Trace keep(Experiment experiment, ReceivedSpans received, String runId) {
    clear(received.traceId());
    spans.put(received.traceId(), received.spans());
    return change(
        received.traceId(),
        () -> Trace.begun(received.traceId(), experiment, received.begin()),
        trace -> {
          received.addTo(trace);
          if (!runId.isEmpty()) {
            trace.link(Trace.RUNS, runId);
          }
        });
  }

  /** Ends a deletion that was broken off, so that its spans are not those of a new trace. */
  private void clear(String id) {
    clear(id, table.get(placeKey(id)));
  }

  private void clear(String id, Map<String, AttributeValue> place) {
    if (place.containsKey("deleted")) {
      spans.purge(id);
      table.delete(placeKey(id), "deleted", fromBool(true));
    }
  }

  /** Deletes a trace of an experiment, but for its files, and tells whether it was there. */
  boolean delete(Experiment experiment, String id, long millis) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Map<String, AttributeValue> place = table.get(placeKey(id));
      if (!isThere(place) || !place.get("row-pk").equals(fromS(partition(experiment.id())))) {
        clear(id, place);
        return false;
      }
      Map<String, AttributeValue> row = table.get(rowKey(place));
      if (!row.isEmpty()) {
        trash.add(
            new Trash.Row(
                Trash.Kind.TRACE,
                id,
                millis,
                experiment.id(),
                Trace.folder(experiment.location(), id)));
        if (table.write(
            List.of(
                table.deleting(rowKey(place), Map.of("version", row.get("version"))),
                table.updating(placeKey(id), new Change().set("deleted", fromBool(true)))))) {
          clear(id);
          return true;
        }
      }
      TrackingTable.pause(attempt);
    }
    throw busy(id);
  }

  /** Ends the deletion of a trace, and tells whether it is gone; not if it was begun anew. */
  boolean end(String id) {
    Map<String, AttributeValue> place = table.get(placeKey(id));
    clear(id, place);
    return !isThere(place);
  }

  /** Removes a trace of an experiment that is gone: its row last, by which it is found again. */
  void remove(Trace trace) {
    Map<String, AttributeValue> row = rowKey(trace);
    table.update(
        placeKey(trace.id()),
        new Change()
            .set("deleted", fromBool(true))
            .where("row-pk", row.get("pk"))
            .where("row-sk", row.get("sk")));
    clear(trace.id());
    table.delete(row);
  }
}
