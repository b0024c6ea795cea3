package dev.snapslice.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs as a training job logs them: ten parameters, ten metrics, a tag. */
final class MlflowLoad {
  private static final long START = 1_700_000_000_000L;
  private static final int OF_EACH = 10;

  private MlflowLoad() {}

  /** Where a message is posted to an operation, by its path under the API. */
  interface Operations {
    JsonNode post(String path, Object message) throws IOException;
  }

  static String experiment(Operations server, String name) throws IOException {
    return server.post("experiments/create", Map.of("name", name)).path("experiment_id").asText();
  }

  /** Creates a run and logs one batch to it; its id. */
  static String log(Operations server, String experiment, int number) throws IOException {
    JsonNode created =
        server.post(
            "runs/create",
            Map.of(
                "experiment_id",
                experiment,
                "user_id",
                "bench",
                "run_name",
                "run-" + number,
                "start_time",
                START + number,
                "tags",
                List.of(Map.of("key", "team", "value", "team-" + number % 5))));
    String run = created.path("run").path("info").path("run_id").asText();
    List<Map<String, Object>> metrics = new ArrayList<>();
    List<Map<String, Object>> params = new ArrayList<>();
    for (int i = 0; i < OF_EACH; i++) {
      metrics.add(metric("metric-" + i, value(number, i), 0));
      params.add(Map.of("key", "param-" + i, "value", "" + number % (i + 3)));
    }
    server.post("runs/log-batch", Map.of("run_id", run, "metrics", metrics, "params", params));
    return run;
  }

  private static double value(long number, int metric) {
    return number * (2L * metric + 7919) % 10_007 / 10_007.0;
  }

  private static Map<String, Object> metric(String key, double value, int step) {
    return Map.of("key", key, "value", value, "timestamp", START + step, "step", step);
  }

  static void end(Operations server, String run) throws IOException {
    server.post(
        "runs/update", Map.of("run_id", run, "status", "FINISHED", "end_time", START + 1_000));
  }

  /** A run with one metric of so many values. */
  static String history(Operations server, String experiment, int points) throws IOException {
    String run = log(server, experiment, 0);
    int atOnce = 1_000;
    for (int from = 0; from < points; from += atOnce) {
      List<Map<String, Object>> metrics = new ArrayList<>();
      for (int step = from; step < from + atOnce; step++) {
        metrics.add(metric("loss", 1.0 / (step + 1), step));
      }
      server.post("runs/log-batch", Map.of("run_id", run, "metrics", metrics));
    }
    end(server, run);
    return run;
  }

  /** Work that is numbered. */
  interface Work {
    void run(int number) throws Exception;
  }

  /** Does work from many connections, and tells how often a second. */
  static double perSecond(int connections, int times, Work work)
      throws InterruptedException, ExecutionException {
    AtomicInteger next = new AtomicInteger();
    long start = System.nanoTime();
    HttpLoad.all(
        connections,
        client -> {
          for (int i = next.getAndIncrement(); i < times; i = next.getAndIncrement()) {
            work.run(i);
          }
          return null;
        });
    return times * 1e9 / (System.nanoTime() - start);
  }
}
