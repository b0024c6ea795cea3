package dev.snapslice.mlflow.tracking;

import static dev.snapslice.mlflow.protocol.Field.integer;
import static dev.snapslice.mlflow.protocol.Field.text;
import static dev.snapslice.mlflow.protocol.Field.texts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Page;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.runtime.GatewayEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The operations on histories of metrics. */
public final class MetricRoutes {
  /** MLflow's own limit of a history. */
  private static final int MOST_POINTS = 25_000;

  /** At most, of JSON and without its key. */
  private static final int POINT_BYTES = 170;

  private static final int MOST_RUNS = 100;
  private static final int MOST_SAMPLES = 2_500;
  private static final Field KEY = text("metric_key").mandatory();

  private final Runs runs;

  public MetricRoutes(Runs runs) {
    this.runs = runs;
  }

  /** Adds them all. */
  public void addTo(Routes routes) {
    String path = "/api/2.0/mlflow/metrics/";
    routes
        .add(
            "GET",
            path + "get-history",
            List.of(
                text("run_id").mandatory(),
                text("run_uuid"),
                KEY,
                integer("max_results"),
                text("page_token")),
            this::history)
        .add("GET", path + "get-history-bulk", this::histories)
        .add(
            "GET",
            path + "get-history-bulk-interval",
            List.of(
                texts("run_ids").mandatory(),
                KEY,
                integer("start_step"),
                integer("end_step"),
                integer("max_results")),
            this::samples);
  }

  private Reply history(Message request) {
    List<Metric> all = runs.history(RunRoutes.id(request), request.text("metric_key"));
    long most = request.integer("max_results", Integer.MAX_VALUE);
    if (most < 1) {
      throw MlflowException.invalid(
          "Invalid value %d for parameter 'max_results' supplied. It must be a positive integer."
              .formatted(most));
    }
    return Page.reply(
        "metrics",
        all,
        request.text("page_token"),
        (int) Math.min(most, Integer.MAX_VALUE),
        Metric::json);
  }

  private Reply histories(Call call) {
    Function<String, List<String>> asked = name -> call.query().getOrDefault(name, List.of());
    List<String> ids = asked.apply("run_id");
    if (ids.isEmpty()) {
      throw MlflowException.invalid(
          "GetMetricHistoryBulk request must specify at least one run_id.");
    }
    if (ids.size() > MOST_RUNS) {
      throw MlflowException.invalid(
          "GetMetricHistoryBulk request cannot specify more than %d run_ids. Received %d run_ids."
              .formatted(MOST_RUNS, ids.size()));
    }
    if (asked.apply("metric_key").isEmpty()) {
      throw MlflowException.invalid("GetMetricHistoryBulk request must specify a metric_key.");
    }
    String key = asked.apply("metric_key").getFirst();
    int most = Math.min(most(asked.apply("max_results")), mostPoints(key));
    List<ObjectNode> metrics =
        ids.stream()
            .distinct()
            .sorted()
            .flatMap(
                id -> runs.history(id, key).stream().map(metric -> metric.json().put("run_id", id)))
            .limit(most)
            .toList();
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.putArray("metrics").addAll(metrics);
    return Reply.json(json);
  }

  private Reply samples(Message request) {
    List<String> ids = request.texts("run_ids");
    if (ids.size() > MOST_RUNS) {
      throw MlflowException.invalid(
          ("GetMetricHistoryBulkInterval request must specify at most %d run_ids. Received %d "
                  + "run_ids.%s")
              .formatted(MOST_RUNS, ids.size(), Message.HINT));
    }
    long most = request.integer("max_results", MOST_SAMPLES);
    if (most < 1 || most > MOST_SAMPLES) {
      throw MlflowException.invalid(
          "max_results must be between 1 and %d.%s".formatted(MOST_SAMPLES, Message.HINT));
    }
    if (request.has("start_step") != request.has("end_step")) {
      throw MlflowException.invalid(
          "If either start step or end step are specified, both must be specified.");
    }
    long start = request.integer("start_step", Long.MIN_VALUE);
    long end = request.integer("end_step", Long.MAX_VALUE);
    if (start > end) {
      throw MlflowException.invalid(
          "end_step must be greater than start_step. Found start_step=%d and end_step=%d."
              .formatted(start, end));
    }
    // All runs of a chart get as many points, and no more than Lambda hands over.
    int each =
        (int) Math.min(most, mostPoints(request.text("metric_key")) / Math.max(1, ids.size()));
    ObjectNode json = Json.MAPPER.createObjectNode();
    for (String id : ids) {
      List<Metric> within =
          runs.history(id, request.text("metric_key")).stream()
              .filter(metric -> start <= metric.step() && metric.step() <= end)
              .sorted(Metric.BY_STEP)
              .toList();
      for (Metric metric : sampled(within, each)) {
        json.withArray("/metrics").add(metric.json().put("run_id", id));
      }
    }
    return Reply.json(json);
  }

  /** The first of each of so many parts of almost one length, and the last of all. */
  private static List<Metric> sampled(List<Metric> metrics, int most) {
    List<Metric> sampled = new ArrayList<>();
    int parts = Math.min(most, metrics.size());
    int longer = parts == 0 ? 0 : metrics.size() % parts;
    for (int part = 0, from = 0; part < parts; part++) {
      sampled.add(metrics.get(from));
      from += metrics.size() / parts + (part < longer ? 1 : 0);
    }
    if (!sampled.isEmpty()) {
      sampled.set(parts - 1, metrics.getLast());
    }
    return sampled;
  }

  /** As many as Lambda hands over. */
  private static int mostPoints(String key) {
    long bytes = POINT_BYTES + GatewayEvent.size(Json.write(key));
    return (int) Math.min(MOST_POINTS, GatewayEvent.LARGEST_ANSWER / bytes);
  }

  private static int most(List<String> asked) {
    try {
      return asked.isEmpty()
          ? MOST_POINTS
          : Math.clamp(Long.parseLong(asked.getFirst()), 0, MOST_POINTS);
    } catch (NumberFormatException e) {
      throw MlflowException.invalid("max_results is no number: " + asked.getFirst());
    }
  }
}
