package dev.snapslice.bench;

/** What it costs and how long it takes to read views of the index. */
final class ListingBench implements Benchmark {
  @Override
  public void run(Report report) {
    report.part("histories", new HistoriesPart(report)::run);
    report.part("tree", new TreePart(report)::run);
    report.part("slice", new SlicePart(report)::run);
    report.part("lookup", new LookupPart(report)::run);
    report.part("restore", new RestorePart(report)::run);
  }
}
