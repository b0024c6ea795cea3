package dev.snapslice.mlflow.traces;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Python;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;

/**
 * How the values of a group become one number.
 *
 * @param percentile from 0 to 100, of a {@link Kind#PERCENTILE}
 */
record Aggregation(Kind kind, OptionalDouble percentile) {

  /** In the order of the protocol's numbers. */
  enum Kind {
    COUNT,
    SUM,
    AVG,
    PERCENTILE,
    MIN,
    MAX
  }

  Aggregation {
    if ((kind == Kind.PERCENTILE) != percentile.isPresent()) {
      throw MlflowException.invalid("Percentile value is required for PERCENTILE, and only for it");
    }
    if (percentile.isPresent()
        && !(percentile.getAsDouble() >= 0 && percentile.getAsDouble() <= 100)) {
      throw MlflowException.invalid(
          "Percentile value must be between 0 and 100, got " + percentile.getAsDouble());
    }
  }

  static Aggregation of(Message sent) {
    String kind =
        sent.given("aggregation_type")
            .orElseThrow(() -> MlflowException.invalid("an aggregation has no aggregation_type"));
    return new Aggregation(
        Kind.valueOf(kind),
        sent.has("percentile_value")
            ? OptionalDouble.of(sent.number("percentile_value"))
            : OptionalDouble.empty());
  }

  /** Its name in answers. */
  String label() {
    return percentile.isPresent() ? "P" + Python.repr(percentile.getAsDouble()) : kind.name();
  }

  /** The number; none of no values, but for their count. */
  OptionalDouble of(List<JsonNode> values) {
    DoubleStream numbers = values.stream().mapToDouble(JsonNode::asDouble);
    return switch (kind) {
      case COUNT -> OptionalDouble.of(values.size());
      case SUM -> values.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(numbers.sum());
      case AVG -> numbers.average();
      case MIN -> numbers.min();
      case MAX -> numbers.max();
      case PERCENTILE -> percentile(numbers.sorted().toArray());
    };
  }

  /** Between two values by how near each is. */
  private OptionalDouble percentile(double[] sorted) {
    if (sorted.length == 0) {
      return OptionalDouble.empty();
    }
    double at = percentile.orElseThrow() / 100 * (sorted.length - 1);
    int lower = (int) at;
    int upper = Math.min(lower + 1, sorted.length - 1);
    return OptionalDouble.of(sorted[lower] + (at - lower) * (sorted[upper] - sorted[lower]));
  }
}
