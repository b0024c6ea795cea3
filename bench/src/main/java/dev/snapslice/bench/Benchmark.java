package dev.snapslice.bench;

/** Measures figures and tells them to a report. */
interface Benchmark {
  void run(Report report) throws Exception;
}
