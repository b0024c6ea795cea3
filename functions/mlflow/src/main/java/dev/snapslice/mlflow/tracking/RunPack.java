package dev.snapslice.mlflow.tracking;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.StreamSupport;

/**
 * Runs of one experiment by columns, as searches read them: a column for each parameter, tag and
 * metric that some of them have. Packs never change. Thread-safe.
 */
final class RunPack {
  private static final String PARAM = "p";
  private static final String TAG = "t";
  private static final String FIELD = "f";
  private static final String NAME = FIELD + "name";
  private static final String USER = FIELD + "user";
  private static final String STATUS = FIELD + "status";
  private static final String LOCATION = FIELD + "location";
  private static final String STAGE = FIELD + "stage";
  private static final String DATASETS = FIELD + "datasets";
  private static final String MODEL_INPUTS = FIELD + "inputs";
  private static final String MODEL_OUTPUTS = FIELD + "outputs";
  private static final String START = "start";
  private static final String END = "end";
  private static final String TURNS = "turns";
  private static final String REVISION = "revision";

  /** Stands for a run's own id, which most locations have. */
  private static final String ID = "\0";

  private final String[] ids;
  private final Map<String, Column<String>> texts;
  private final Map<String, Column<Long>> numbers;
  private final Map<String, Column<Metric>> metrics;

  /**
   * A run as it is packed.
   *
   * @param stage its own, whatever its experiment's is
   * @param turns of its experiment when its own stage was set
   * @param revision of two entries of one run the greater one counts
   */
  record Entry(Run run, Stage stage, long turns, long revision) {}

  /** The values of some rows, whose numbers ascend. */
  private record Column<T>(int[] rows, Object[] values, int all) {
    @SuppressWarnings("unchecked") // read() has filled it
    Optional<T> get(int row) {
      int at = rows.length == all ? row : Arrays.binarySearch(rows, row);
      return at < 0 ? Optional.empty() : Optional.of((T) values[at]);
    }
  }

  private RunPack(
      String[] ids,
      Map<String, Column<String>> texts,
      Map<String, Column<Long>> numbers,
      Map<String, Column<Metric>> metrics) {
    this.ids = ids;
    this.texts = texts;
    this.numbers = numbers;
    this.metrics = metrics;
  }

  static byte[] pack(List<Entry> entries) {
    SortedMap<String, SortedMap<Integer, String>> texts = new TreeMap<>();
    SortedMap<String, SortedMap<Integer, Long>> numbers = new TreeMap<>();
    SortedMap<String, SortedMap<Integer, Metric>> metrics = new TreeMap<>();
    PackOutput out = new PackOutput().number(entries.size());
    for (int row = 0; row < entries.size(); row++) {
      Run run = entries.get(row).run();
      out.text(run.id());
      put(texts, NAME, row, run.name());
      put(texts, USER, row, run.user());
      put(texts, STATUS, row, run.status());
      put(texts, LOCATION, row, run.location().replace(run.id(), ID));
      put(texts, STAGE, row, entries.get(row).stage().word());
      putLinks(texts, row, run);
      put(numbers, START, row, run.start());
      put(numbers, TURNS, row, entries.get(row).turns());
      put(numbers, REVISION, row, entries.get(row).revision());
      for (long end : run.end().stream().toList()) {
        put(numbers, END, row, end);
      }
      for (var param : run.params().entrySet()) {
        put(texts, PARAM + param.getKey(), row, param.getValue());
      }
      for (var tag : run.tags().entrySet()) {
        put(texts, TAG + tag.getKey(), row, tag.getValue());
      }
      for (var metric : run.metrics().entrySet()) {
        put(metrics, metric.getKey(), row, metric.getValue());
      }
    }
    write(out, texts, PackOutput::text);
    write(out, numbers, PackOutput::number);
    write(
        out,
        metrics,
        (to, metric) ->
            to.decimal(metric.value()).number(metric.timestamp()).number(metric.step()));
    return out.bytes();
  }

  private static <T> void put(
      Map<String, SortedMap<Integer, T>> columns, String name, int row, T value) {
    columns.computeIfAbsent(name, same -> new TreeMap<>()).put(row, value);
  }

  private static void putLinks(Map<String, SortedMap<Integer, String>> texts, int row, Run run) {
    if (!run.datasets().isEmpty()) {
      ArrayNode datasets = Json.MAPPER.createArrayNode();
      run.datasets().forEach(dataset -> datasets.add(dataset.json()));
      put(texts, DATASETS, row, datasets.toString());
    }
    if (!run.modelInputs().isEmpty()) {
      put(texts, MODEL_INPUTS, row, String.join(" ", run.modelInputs()));
    }
    if (!run.modelOutputs().isEmpty()) {
      put(texts, MODEL_OUTPUTS, row, Json.write(run.modelOutputs()));
    }
  }

  private interface Writer<T> {
    PackOutput write(PackOutput out, T value);
  }

  private static <T> void write(
      PackOutput out, SortedMap<String, SortedMap<Integer, T>> columns, Writer<T> writer) {
    out.number(columns.size());
    columns.forEach((name, values) -> {
      out.text(name).number(values.size());
      int last = 0;
      for (int row : values.keySet()) {
        out.number(row - last);
        last = row;
      }
      values.values().forEach(value -> writer.write(out, value));
    });
  }

  static RunPack unpack(byte[] packed) {
    PackInput in = new PackInput(packed);
    String[] ids = new String[(int) in.number()];
    Arrays.setAll(ids, i -> in.text());
    return new RunPack(
        ids,
        read(in, ids.length, name -> interned(in)),
        read(in, ids.length, name -> i -> in.number()),
        read(
            in,
            ids.length,
            name ->
                i -> {
                  double value = in.decimal();
                  long timestamp = in.number();
                  return new Metric(name, value, timestamp, in.number());
                }));
  }

  /** Values of a column are often the same. */
  private static IntFunction<String> interned(PackInput in) {
    Map<String, String> known = new HashMap<>();
    return i -> known.computeIfAbsent(in.text(), same -> same);
  }

  private interface Reader<T> {
    IntFunction<T> of(String name);
  }

  private static <T> Map<String, Column<T>> read(PackInput in, int all, Reader<T> reader) {
    Map<String, Column<T>> columns = new HashMap<>();
    for (long left = in.number(); left > 0; left--) {
      String name = in.text();
      int[] rows = new int[(int) in.number()];
      int last = 0;
      for (int i = 0; i < rows.length; i++) {
        last += (int) in.number();
        rows[i] = last;
      }
      IntFunction<T> next = reader.of(name);
      Object[] values = new Object[rows.length];
      Arrays.setAll(values, next);
      columns.put(name, new Column<>(rows, values, all));
    }
    return columns;
  }

  int size() {
    return ids.length;
  }

  String id(int row) {
    return ids[row];
  }

  /** Of some runs those that it has. */
  List<String> those(Set<String> runs) {
    return runs.isEmpty() ? List.of() : Arrays.stream(ids).filter(runs::contains).toList();
  }

  long revision(int row) {
    return number(REVISION, row);
  }

  private Optional<String> text(String column, int row) {
    return find(texts, column, row);
  }

  private long number(String column, int row) {
    return find(numbers, column, row).orElseThrow();
  }

  private static <T> Optional<T> find(Map<String, Column<T>> columns, String name, int row) {
    Column<T> column = columns.get(name);
    return column == null ? Optional.empty() : column.get(row);
  }

  /** A run of the pack, in its experiment as that is now. */
  SearchedRun run(int row, Experiment experiment) {
    return new Row(row, experiment);
  }

  /** Its entry, to be packed again. */
  Entry entry(int row, Experiment experiment) {
    return new Entry(
        new Row(row, experiment).whole(),
        Stage.of(text(STAGE, row).orElseThrow()),
        number(TURNS, row),
        revision(row));
  }

  private final class Row implements SearchedRun {
    private final int row;
    private final Experiment experiment;

    Row(int row, Experiment experiment) {
      this.row = row;
      this.experiment = experiment;
    }

    private String field(String name) {
      return text(name, row).orElseThrow();
    }

    @Override
    public String id() {
      return ids[row];
    }

    @Override
    public String name() {
      return field(NAME);
    }

    @Override
    public String user() {
      return field(USER);
    }

    @Override
    public String status() {
      return field(STATUS);
    }

    @Override
    public long start() {
      return number(START, row);
    }

    @Override
    public Optional<Long> end() {
      return find(numbers, END, row);
    }

    @Override
    public String location() {
      return field(LOCATION).replace(ID, ids[row]);
    }

    @Override
    public Stage stage() {
      return experiment.stageOf(Stage.of(field(STAGE)), number(TURNS, row));
    }

    @Override
    public Optional<String> param(String key) {
      return text(PARAM + key, row);
    }

    @Override
    public Optional<String> tag(String key) {
      return text(TAG + key, row);
    }

    @Override
    public Optional<Metric> metric(String key) {
      return find(metrics, key, row);
    }

    @Override
    public List<DatasetInput> datasets() {
      return text(DATASETS, row)
          .map(json ->
              StreamSupport.stream(Json.read(json, ArrayNode.class).spliterator(), false)
                  .map(dataset -> new DatasetInput((ObjectNode) dataset))
                  .toList())
          .orElse(List.of());
    }

    @Override
    public Run whole() {
      SortedMap<String, String> params = new TreeMap<>();
      SortedMap<String, String> tags = new TreeMap<>();
      texts.forEach((name, column) -> {
        SortedMap<String, String> pairs =
            name.startsWith(PARAM) ? params : name.startsWith(TAG) ? tags : new TreeMap<>();
        column.get(row).ifPresent(value -> pairs.put(name.substring(1), value));
      });
      SortedMap<String, Metric> latest = new TreeMap<>();
      metrics.forEach(
          (name, column) -> column.get(row).ifPresent(metric -> latest.put(name, metric)));
      SortedMap<String, Long> outputs = new TreeMap<>();
      text(MODEL_OUTPUTS, row)
          .map(json -> Json.read(json, ObjectNode.class))
          .ifPresent(json ->
              json.properties()
                  .forEach(output -> outputs.put(output.getKey(), output.getValue().asLong())));
      return new Run(
          id(),
          experiment.id(),
          name(),
          user(),
          status(),
          start(),
          end(),
          location(),
          stage(),
          params,
          tags,
          latest,
          datasets(),
          text(MODEL_INPUTS, row).map(all -> List.of(all.split(" "))).orElse(List.of()),
          outputs);
    }
  }
}
