package dev.snapslice.mlflow.traces;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import java.util.OptionalDouble;

/**
 * How often two filters hold together: normalized pointwise mutual information, from -1 (never) by
 * 0 (independent) to 1 (always). Not thread-safe.
 *
 * @see <a href="https://en.wikipedia.org/wiki/Pointwise_mutual_information">PMI</a>
 */
final class Correlation {
  /** Jeffreys' prior: makes what few traces tell less certain. */
  private static final double SMOOTHING = 0.5;

  private long all;
  private long first;
  private long second;
  private long both;

  void count(boolean isFirst, boolean isSecond) {
    all++;
    first += isFirst ? 1 : 0;
    second += isSecond ? 1 : 0;
    both += isFirst && isSecond ? 1 : 0;
  }

  /** The answer; what is not defined is left out. */
  ObjectNode message() {
    ObjectNode json = Json.MAPPER.createObjectNode();
    if (first > 0 && second > 0) {
      (both == 0 ? OptionalDouble.of(-1) : information(0))
          .ifPresent(npmi -> json.put("npmi", npmi));
      information(SMOOTHING).ifPresent(npmi -> json.put("npmi_smoothed", npmi));
    }
    return json.put("filter1_count", first)
        .put("filter2_count", second)
        .put("joint_count", both)
        .put("total_count", all);
  }

  private OptionalDouble information(double smoothing) {
    if (both == all) {
      return OptionalDouble.of(1);
    }
    double together = both + smoothing;
    double total = all + 4 * smoothing;
    double mutual =
        Math.log(together)
            + Math.log(total)
            - Math.log(first + 2 * smoothing)
            - Math.log(second + 2 * smoothing);
    return OptionalDouble.of(
        Math.clamp(mutual / (Math.log(total) - Math.log(together)), -1.0, 1.0));
  }
}
