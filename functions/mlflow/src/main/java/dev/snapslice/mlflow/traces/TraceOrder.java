package dev.snapslice.mlflow.traces;

import static dev.snapslice.mlflow.search.Order.last;

import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.search.Order;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** In which order traces are found. */
final class TraceOrder {
  private static final Set<String> UNORDERED = Set.of("client_request_id", "prompt", "text");

  private TraceOrder() {}

  private static TraceColumn column(Order order) {
    String key = order.column().key();
    if (TraceColumn.Entity.of(order.column()) == TraceColumn.Entity.ATTRIBUTE
        && UNORDERED.contains(key)) {
      throw MlflowException.invalid("Invalid attribute key '%s' specified".formatted(key));
    }
    return TraceColumn.of(order.column());
  }

  /** Whether an order is that in which traces lie: the newest first. */
  static boolean isByTime(List<String> orders) {
    return orders.stream()
        .map(Order::parse)
        .findFirst()
        .map(first ->
            !first.ascending() && orders.size() == 1 && column(first).key().equals("timestamp_ms"))
        .orElse(true);
  }

  /** Traces that have nothing to be ordered by come last, whichever way. */
  static Comparator<Trace> of(List<String> orders) {
    Comparator<Trace> order = (_, _) -> 0;
    Set<TraceColumn> seen = new HashSet<>();
    for (String text : orders) {
      Order each = Order.parse(text);
      TraceColumn column = column(each);
      if (!seen.add(column)) {
        throw new MlflowException(
            Code.INTERNAL_ERROR, "`order_by` contains duplicate fields: " + orders);
      }
      order = order.thenComparing(by(column, each.ascending()));
    }
    if (!seen.contains(new TraceColumn(TraceColumn.Entity.ATTRIBUTE, "timestamp_ms"))) {
      order = order.thenComparing(Comparator.comparingLong(Trace::millis).reversed());
    }
    return order.thenComparing(Trace::id);
  }

  private static Comparator<Trace> by(TraceColumn column, boolean ascending) {
    if (column.isNumber()) {
      return last(column::number, ascending);
    }
    return switch (column.entity()) {
      case TAG -> last(trace -> trace.tag(column.key()), ascending);
      case METADATA -> last(trace -> trace.metadata(column.key()), ascending);
      case ATTRIBUTE -> last(column::text, ascending);
      default ->
          throw MlflowException.invalid(
              "Invalid identifier type '%s'"
                  .formatted(column.entity().name().toLowerCase(Locale.ROOT)));
    };
  }
}
