package dev.snapslice.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.local.lambda.LocalFunction;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The same load on MLflow's own server and on ours, by turns: what each answers a second, over
 * eight connections.
 */
final class MlflowBench implements Benchmark {
  private static final int CONNECTIONS = 8;
  private static final int ROUNDS = 3;
  private static final int RUNS = 10_000;
  private static final int MANY_RUNS = 100_000;
  private static final int POINTS = 30_000;
  private static final Path LOG = Path.of(".snapslice", "bench-mlflow", "function.log");

  /** Something that is asked of both servers. */
  private interface Asked {
    JsonNode ask(MlflowServer server, Side side, int number) throws Exception;
  }

  /** What a server knows the same things as. */
  private record Side(String experiment, String run, String longRun) {}

  private static final class Both {
    private final Report report;
    private final MlflowServer ours;
    private final MlflowServer theirs;
    private Side our;
    private Side their;

    Both(Report report, MlflowServer ours, MlflowServer theirs) {
      this.report = report;
      this.ours = ours;
      this.theirs = theirs;
    }

    /** How many times more of it ours does in a second. */
    void speedup(String name, int times, int warm, Asked asked) throws Exception {
      MlflowLoad.perSecond(CONNECTIONS, warm, i -> asked.ask(ours, our, -1 - i));
      asked.ask(theirs, their, -1);
      double[] ratios = new double[ROUNDS];
      double[] perSecond = new double[ROUNDS];
      double[] theirPerSecond = new double[ROUNDS];
      for (int round = 0; round < ROUNDS; round++) {
        int first = round * times;
        theirPerSecond[round] =
            MlflowLoad.perSecond(CONNECTIONS, times, i -> asked.ask(theirs, their, first + i));
        perSecond[round] =
            MlflowLoad.perSecond(CONNECTIONS, times, i -> asked.ask(ours, our, first + i));
        ratios[round] = perSecond[round] / theirPerSecond[round];
        report.progress(
            "%s: %,.1f/s, mlflow server %,.1f/s"
                .formatted(name, perSecond[round], theirPerSecond[round]));
      }
      report.figure(
          name,
          ProxyBench.median(ratios),
          "ratio",
          ">= 5",
          "%,.1f/s, mlflow server %,.1f/s; ours warmed by %,d"
              .formatted(ProxyBench.median(perSecond), ProxyBench.median(theirPerSecond), warm));
    }
  }

  @Override
  public void run(Report report) throws Exception {
    report.progress("mlflow server over SQLite; our handler over DynamoDB Local");
    try (MlflowPeer peer = MlflowPeer.start();
        MlflowStack stack = MlflowStack.start()) {
      Both both = new Both(report, stack.server(), peer.server());
      both.our = side(both.ours);
      both.their = side(both.theirs);
      report.part(
          "create_log",
          () ->
              both.speedup(
                  "create_log_speedup",
                  200,
                  8_000,
                  (server, side, i) -> {
                    MlflowLoad.log(server, side.experiment(), i);
                    return null;
                  }));
      report.part(
          "get_run",
          () ->
              both.speedup(
                  "get_run_speedup",
                  500,
                  3_000,
                  (server, side, i) -> server.get("runs/get", Map.of("run_id", side.run()))));
      report.part(
          "history",
          () ->
              both.speedup("history_speedup", 20, 100, (server, side, i) -> history(server, side)));
      report.part("search", () -> search(both, stack, peer));
      report.part("search_100k", () -> searchMany(report, stack));
    }
  }

  private static Side side(MlflowServer server) throws IOException {
    String experiment = MlflowLoad.experiment(server, "load");
    return new Side(
        experiment,
        MlflowLoad.log(server, experiment, 0),
        MlflowLoad.history(server, experiment, POINTS));
  }

  private static JsonNode history(MlflowServer server, Side side) throws IOException {
    JsonNode page =
        server.get("metrics/get-history", Map.of("run_id", side.longRun(), "metric_key", "loss"));
    int points = page.path("metrics").size();
    if (points != POINTS) {
      throw new IllegalStateException("a history of %,d points".formatted(points));
    }
    return page;
  }

  private static void search(Both both, MlflowStack stack, MlflowPeer peer) throws Exception {
    both.our = filled(stack, both.report, "searched", RUNS);
    both.report.progress("packed %,d runs".formatted(stack.pack()));
    both.their = new Side(MlflowLoad.experiment(both.theirs, "searched"), "", "");
    peer.fill(both.their.experiment(), RUNS);
    both.speedup(
        "search_filter_speedup",
        16,
        200,
        (server, side, i) -> server.post("runs/search", filtered(side.experiment())));
    both.speedup(
        "search_newest_speedup",
        64,
        400,
        (server, side, i) ->
            server.post(
                "runs/search",
                Map.of("experiment_ids", List.of(side.experiment()), "max_results", 100)));
  }

  private static Map<String, Object> filtered(String experiment) {
    return Map.of(
        "experiment_ids",
        List.of(experiment),
        "filter",
        "metrics.`metric-0` > 0.5 and params.`param-2` = '3' and tags.team LIKE 'team%'",
        "order_by",
        List.of("metrics.`metric-1` DESC"),
        "max_results",
        100);
  }

  private static Side filled(MlflowStack stack, Report report, String name, int runs)
      throws Exception {
    String experiment = MlflowLoad.experiment(stack::fill, name);
    int atOnce = 10_000;
    for (int from = 0; from < runs; from += atOnce) {
      int first = from;
      double rate =
          MlflowLoad.perSecond(
              CONNECTIONS,
              Math.min(atOnce, runs - from),
              i -> MlflowLoad.end(stack::fill, MlflowLoad.log(stack::fill, experiment, first + i)));
      report.progress("%,d runs logged to ours, %,.0f/s".formatted(from + atOnce, rate));
    }
    return new Side(experiment, "", "");
  }

  private static void searchMany(Report report, MlflowStack stack) throws Exception {
    String experiment = filled(stack, report, "many", MANY_RUNS).experiment();
    report.progress("packed %,d runs".formatted(stack.pack()));
    byte[] event = MlflowStack.event("runs/search", filtered(experiment));
    List<Double> cold = new ArrayList<>();
    List<Double> warm = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      try (LocalFunction function = new LocalFunction(stack.function(), 1, LOG)) {
        cold.add(seconds(function, event));
        for (int i = 0; i < ROUNDS; i++) {
          warm.add(seconds(function, event));
        }
      }
    }
    String note = "the deployed jar as a process of its own, %,d runs".formatted(MANY_RUNS);
    report.figure("search_100k_cold_s", median(cold), "s", "<= 3", note + "; its start included");
    report.figure("search_100k_warm_s", median(warm), "s", "<= 1", note);
  }

  private static double seconds(LocalFunction function, byte[] event) throws Exception {
    long start = System.nanoTime();
    String answer = new String(function.invoke(event), StandardCharsets.UTF_8);
    if (!answer.startsWith("{\"statusCode\":200")) {
      throw new IllegalStateException(answer);
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private static double median(List<Double> values) {
    return ProxyBench.median(values.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
