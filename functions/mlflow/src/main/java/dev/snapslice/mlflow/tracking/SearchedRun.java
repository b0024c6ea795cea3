package dev.snapslice.mlflow.tracking;

import java.util.List;
import java.util.Optional;

/** What a search asks of a run, wherever it lies, without reading it as a whole. */
interface SearchedRun {
  String id();

  String name();

  String user();

  String status();

  long start();

  Optional<Long> end();

  String location();

  Stage stage();

  Optional<String> param(String key);

  Optional<String> tag(String key);

  /** The latest value of a metric. */
  Optional<Metric> metric(String key);

  List<DatasetInput> datasets();

  /** All that a search tells of it. */
  Run whole();
}
