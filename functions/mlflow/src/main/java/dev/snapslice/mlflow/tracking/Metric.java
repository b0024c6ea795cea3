package dev.snapslice.mlflow.tracking;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.Message;
import java.util.Comparator;
import java.util.List;

/**
 * A value that a run logged.
 *
 * @param value may be NaN; infinite ones are told as the largest double, as by MLflow's databases
 * @param timestamp epoch milliseconds, by the client's clock
 */
public record Metric(String key, double value, long timestamp, long step) {

  /** The latest value is the greatest; NaN counts as nought. */
  static final Comparator<Metric> RECENCY =
      Comparator.comparingLong(Metric::step)
          .thenComparingLong(Metric::timestamp)
          .thenComparingDouble(Metric::comparable);

  /** How samples of a history are taken. */
  static final Comparator<Metric> BY_STEP =
      RECENCY.thenComparing(metric -> Double.isNaN(metric.value()));

  /** How a history is told. */
  static final Comparator<Metric> HISTORY =
      Comparator.comparingLong(Metric::timestamp)
          .thenComparingLong(Metric::step)
          .thenComparingDouble(Metric::comparable)
          .thenComparing(metric -> Double.isNaN(metric.value()));

  public Metric {
    value = Math.clamp(value, -Double.MAX_VALUE, Double.MAX_VALUE);
  }

  static Metric of(Message message) {
    return new Metric(
        message.text("key"),
        message.number("value"),
        message.integer("timestamp", 0),
        message.integer("step", 0));
  }

  private double comparable() {
    return Double.isNaN(value) ? 0 : value;
  }

  static Metric latest(Metric a, Metric b) {
    return RECENCY.compare(b, a) > 0 ? b : a;
  }

  /** The {@code Metric} message. */
  public ObjectNode json() {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("key", key);
    if (Double.isNaN(value)) {
      json.put("value", "NaN");
    } else {
      json.put("value", value);
    }
    json.put("timestamp", timestamp);
    json.put("step", step);
    return json;
  }

  /** Those that differ, in the order of a history. */
  static List<Metric> history(List<Metric> metrics) {
    return metrics.stream().distinct().sorted(HISTORY).toList();
  }
}
