package dev.snapslice.mlflow.traces;

import static dev.snapslice.mlflow.table.TrackingTable.key;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromB;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.job.FanOut;
import dev.snapslice.mlflow.table.TrackingTable;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The spans of traces, those of each in a partition of its own, which no other trace of the same id
 * has: an item for each span, by its id, so that one that comes again is there once. One that is
 * too large for an item lies in parts, which are written first. Thread-safe.
 */
final class Spans {
  private static final String SPAN = "span#";
  private static final String PART = "part#";
  private static final int LARGEST_PART = 380_000;
  private static final int WRITES_AT_ONCE = 16;

  /** The root first, then as they began. */
  private static final Comparator<ObjectNode> ORDER =
      Comparator.comparing((ObjectNode span) -> span.has("parent_span_id"))
          .thenComparingLong(span -> span.path("start_time_unix_nano").asLong());

  private final TrackingTable table;
  private final FanOut writes = new FanOut(WRITES_AT_ONCE);

  Spans(TrackingTable table) {
    this.table = table;
  }

  /** Where the spans of a trace lie, by its id and how many of that id were deleted before it. */
  static String partition(String traceId, long life) {
    return "spans#" + traceId + (life == 0 ? "" : "#" + life);
  }

  private static String partition(Trace trace) {
    return partition(trace.id(), trace.life());
  }

  /** Keeps spans, which are OpenTelemetry's messages. */
  void put(String partition, List<ObjectNode> spans) {
    writes.map(
        spans,
        span -> {
          put(partition, span);
          return span;
        });
  }

  private void put(String partition, ObjectNode span) {
    String id = span.path("span_id").asText();
    byte[] packed = Packed.pack(span);
    Map<String, AttributeValue> item = new HashMap<>(key(partition, SPAN + id));
    if (packed.length <= LARGEST_PART) {
      item.put("span", bytes(packed));
    } else {
      String name = PART + id + "#" + UUID.nameUUIDFromBytes(packed);
      int parts = 0;
      for (int from = 0; from < packed.length; from += LARGEST_PART) {
        int to = Math.min(packed.length, from + LARGEST_PART);
        Map<String, AttributeValue> part = new HashMap<>(key(partition, part(name, parts)));
        part.put("span", bytes(Arrays.copyOfRange(packed, from, to)));
        table.put(part);
        parts++;
      }
      item.put("in", fromS(name));
      item.put("parts", fromN("" + parts));
    }
    table.put(item);
  }

  private static AttributeValue bytes(byte[] bytes) {
    return fromB(SdkBytes.fromByteArray(bytes));
  }

  private static String part(String name, int number) {
    return "%s#%04d".formatted(name, number);
  }

  /** The spans of a trace, the root first, then as they began. */
  List<ObjectNode> of(Trace trace) {
    Map<String, Map<String, AttributeValue>> items = new HashMap<>();
    table.stream(partition(trace)).forEach(item -> items.put(item.get("sk").s(), item));
    return items.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(SPAN))
        .map(entry -> span(entry.getValue(), items))
        .sorted(ORDER)
        .toList();
  }

  /** What is noted of the spans of a trace. */
  Stream<SpanNote> notes(Trace trace) {
    return trace.notesAll() ? trace.notes().stream() : of(trace).stream().map(SpanNote::of);
  }

  private static ObjectNode span(
      Map<String, AttributeValue> item, Map<String, Map<String, AttributeValue>> items) {
    if (item.containsKey("span")) {
      return Packed.unpack(item.get("span").b().asByteArray());
    }
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    int parts = Integer.parseInt(item.get("parts").n());
    for (int part = 0; part < parts; part++) {
      packed.writeBytes(items.get(part(item.get("in").s(), part)).get("span").b().asByteArray());
    }
    return Packed.unpack(packed.toByteArray());
  }

  /** Deletes the spans of a trace. */
  void purge(String partition) {
    List<String> items = table.stream(partition).map(item -> item.get("sk").s()).toList();
    writes.map(
        items,
        sort -> {
          table.delete(key(partition, sort));
          return sort;
        });
  }
}
