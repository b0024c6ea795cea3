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
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;

/**
 * All traces: a row for each in a partition of its experiment, the newest first, and a place by
 * which it is found. A row has a version, and only who knows the latest changes it. Spans lie
 * beside, see {@link Spans}. A place that is marked as deleted stays until the clean-up, and counts
 * the lives of its id: a trace that comes next has its own spans, whoever still deletes or writes
 * those of the one before. Reads are consistent. Thread-safe.
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

  /** Of the trace that is there, or of the one that comes next. */
  private static long life(Map<String, AttributeValue> place) {
    return place.containsKey("life") ? Long.parseLong(place.get("life").n()) : 0;
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
    return change(id, life -> {}, otherwise, edit);
  }

  /**
   * The same.
   *
   * @param before is asked of the life that is changed, before it is; more than once, of the next,
   *     where the trace is deleted meanwhile
   */
  private Trace change(
      String id, LongConsumer before, Supplier<Trace> otherwise, Consumer<Trace> edit) {
    OptionalLong begun = OptionalLong.empty();
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Map<String, AttributeValue> place = table.get(placeKey(id));
      long life = life(place);
      if (!begun.equals(OptionalLong.of(life))) {
        before.accept(life);
        begun = OptionalLong.of(life);
      }
      Map<String, AttributeValue> row = isThere(place) ? table.get(rowKey(place)) : Map.of();
      if (!isThere(place)) {
        Trace trace = otherwise.get();
        edit.accept(trace);
        if (insert(place, trace)) {
          return trace;
        }
      } else if (!row.isEmpty()) {
        Trace trace = trace(row);
        edit.accept(trace);
        if (trace.life() == life && replace(row, trace)) {
          return trace;
        }
      }
      TrackingTable.pause(attempt);
    }
    throw busy(id);
  }

  /**
   * Begins a life.
   *
   * @param before the place as it was read: empty, or marked as deleted
   */
  private boolean insert(Map<String, AttributeValue> before, Trace trace) {
    long life = life(before);
    if (life > 0) {
      trace.live(life);
    }
    Map<String, AttributeValue> row = new HashMap<>(rowKey(trace));
    TransactWriteItem place;
    if (before.isEmpty()) {
      Map<String, AttributeValue> first = new HashMap<>(placeKey(trace.id()));
      first.put("row-pk", row.get("pk"));
      first.put("row-sk", row.get("sk"));
      place = table.putting(first);
    } else {
      Change next = new Change().set("row-pk", row.get("pk")).set("row-sk", row.get("sk"));
      before.forEach(next.remove("deleted")::where);
      place = table.updating(placeKey(trace.id()), next);
    }
    row.put("trace", packed(trace));
    // So that no version is that of another life.
    row.put("version", fromN("" + (life << Integer.SIZE)));
    return table.write(List.of(place, table.putting(row)));
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
    String id = received.traceId();
    return change(
        id,
        life -> spans.put(Spans.partition(id, life), received.spans()),
        () -> Trace.begun(id, experiment, received.begin()),
        trace -> {
          received.addTo(trace);
          if (!runId.isEmpty()) {
            trace.link(Trace.RUNS, runId);
          }
        });
  }

  /** Marks the place of a trace as deleted. */
  private static Change ending(Trace trace) {
    return new Change().set("deleted", fromBool(true)).set("life", fromN("" + (trace.life() + 1)));
  }

  /** Deletes a trace of an experiment, but for its files, and tells whether it was there. */
  boolean delete(Experiment experiment, String id, long millis) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Map<String, AttributeValue> place = table.get(placeKey(id));
      if (!isThere(place) || !place.get("row-pk").equals(fromS(partition(experiment.id())))) {
        return false;
      }
      Map<String, AttributeValue> row = table.get(rowKey(place));
      if (!row.isEmpty()) {
        Trace trace = trace(row);
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
                table.updating(placeKey(id), ending(trace))))) {
          spans.purge(Spans.partition(id, trace.life()));
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
    for (long over = 0; over < life(place); over++) {
      spans.purge(Spans.partition(id, over));
    }
    return !isThere(place)
        && (place.isEmpty() || table.delete(placeKey(id), "deleted", fromBool(true)));
  }

  /** Removes a trace of an experiment that is gone: its row last, by which it is found again. */
  void remove(Trace trace) {
    Map<String, AttributeValue> row = rowKey(trace);
    table.update(
        placeKey(trace.id()),
        ending(trace).where("row-pk", row.get("pk")).where("row-sk", row.get("sk")));
    end(trace.id());
    table.delete(row);
  }
}
