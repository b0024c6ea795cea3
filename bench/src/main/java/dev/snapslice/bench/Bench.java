package dev.snapslice.bench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Runs a benchmark by its name: progress, a table, a line of JSON, and a file with the same. */
public final class Bench {
  private static final Map<String, Supplier<Benchmark>> BENCHES =
      new TreeMap<>(
          Map.of(
              "coldstart", ColdStartBench::new,
              "ingest", IngestBench::new,
              "listing", ListingBench::new,
              "mlflow", MlflowBench::new,
              "proxy", ProxyBench::new,
              "soak", SoakBench::new,
              "start", StartBench::new,
              "timetravel", TimeTravelBench::new,
              "webhdfs", WebHdfsBench::new));

  private Bench() {}

  /** Takes a bench's name and, to run some of its parts only, their names. */
  public static void main(String[] arguments) throws Exception {
    Supplier<Benchmark> bench = arguments.length == 0 ? null : BENCHES.get(arguments[0]);
    if (bench == null) {
      System.err.println("usage: bench NAME [PART...], NAME one of " + BENCHES.keySet());
      System.exit(2);
      return;
    }
    NativeLibraries.unpack();
    List<String> only = List.of(Arrays.copyOfRange(arguments, 1, arguments.length));
    Report report = new Report(arguments[0], only);
    bench.get().run(report);
    report.finish(Path.of("bench", "results"));
    System.exit(0); // DynamoDB Local leaves threads behind.
  }
}
