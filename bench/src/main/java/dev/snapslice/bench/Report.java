package dev.snapslice.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.snapslice.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What a bench found: told as it comes, printed as a table and as one line of JSON at the end. */
final class Report {
  private final String bench;
  private final List<String> only;
  private final long start = System.nanoTime();
  private final List<Figure> figures = new ArrayList<>();
  private final Map<String, String> missing = new TreeMap<>();

  /**
   * One measured number.
   *
   * @param goal as {@code <= 1.5} or {@code >= 0.6}, empty where it is only to be known
   */
  record Figure(String name, double value, String unit, String goal, String note) {
    boolean missed() {
      if (goal.isEmpty()) {
        return false;
      }
      double limit = Double.parseDouble(goal.substring(3));
      return goal.startsWith("<=") ? value > limit : value < limit;
    }
  }

  private record Result(
      String bench,
      String commit,
      String machine,
      @JsonProperty("took_s") double tookSeconds,
      List<Figure> figures,
      Map<String, String> missing) {}

  /** A piece of a bench that can be run alone. */
  interface Part {
    void run() throws Exception;
  }

  Report(String bench, List<String> only) {
    this.bench = bench;
    this.only = only;
  }

  /** Runs a part, unless others were asked for; what breaks in it is told, and the rest goes on. */
  void part(String name, Part part) {
    if (!only.isEmpty() && !only.contains(name)) {
      missing.put(name, "was not asked for");
      return;
    }
    progress(name);
    try {
      part.run();
    } catch (Exception e) {
      progress("%s failed: %s".formatted(name, e));
      e.printStackTrace();
      missing.put(name, e.toString());
    }
  }

  void progress(String what) {
    System.err.printf(Locale.ROOT, "%7.1f s  %s%n", seconds(), what);
  }

  void figure(String name, double value, String unit, String goal, String note) {
    double rounded = Double.parseDouble(String.format(Locale.ROOT, "%.4g", value));
    Figure figure = new Figure(name, rounded, unit, goal, note);
    figures.add(figure);
    progress("%s = %s %s".formatted(name, rounded, unit));
  }

  private double seconds() {
    return (System.nanoTime() - start) / 1e9;
  }

  void finish(Path folder) throws IOException, InterruptedException {
    String row = "%-34s %14s %-10s %-10s %s%n";
    System.out.printf(row, "figure", "value", "unit", "goal", "note");
    for (Figure f : figures) {
      String goal = f.missed() ? f.goal() + " MISSED" : f.goal();
      System.out.printf(row, f.name(), f.value(), f.unit(), goal, f.note());
    }
    missing.forEach((name, why) -> System.out.printf(row, name, "missing", "", "", why));
    double took = Math.round(seconds() * 10) / 10.0;
    String json = Json.write(new Result(bench, commit(), machine(), took, figures, missing));
    System.out.println(json);
    Files.createDirectories(folder);
    Files.writeString(folder.resolve(bench + ".json"), json + "\n");
  }

  private static String machine() {
    Runtime runtime = Runtime.getRuntime();
    return "%d cores, heap of %d GiB, DynamoDB Local in process"
        .formatted(runtime.availableProcessors(), (runtime.maxMemory() + (1 << 29)) >> 30);
  }

  private static String commit() throws IOException, InterruptedException {
    Process git =
        new ProcessBuilder("git", "describe", "--always", "--dirty")
            .redirectErrorStream(true)
            .start();
    try (InputStream output = git.getInputStream()) {
      String text = new String(output.readAllBytes(), StandardCharsets.UTF_8).strip();
      return git.waitFor() == 0 ? text : "unknown";
    }
  }
}
