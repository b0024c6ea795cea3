package dev.snapslice.mlflow.traces;

import static dev.snapslice.mlflow.protocol.Field.choice;
import static dev.snapslice.mlflow.protocol.Field.integer;
import static dev.snapslice.mlflow.protocol.Field.messages;
import static dev.snapslice.mlflow.protocol.Field.number;
import static dev.snapslice.mlflow.protocol.Field.text;
import static dev.snapslice.mlflow.protocol.Field.texts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.mlflow.tracking.Experiments;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What the charts of the UI ask: numbers of traces, spans and assessments, by names and times. */
final class ChartRoutes {
  private static final long DEFAULT_POINTS = 1_000;
  private static final long NANOS = 1_000_000;
  private static final DateTimeFormatter BUCKET =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ssxxx").withZone(ZoneOffset.UTC);
  private static final List<Field> FIELDS =
      List.of(
          texts("experiment_ids").mandatory(),
          choice("view_type", "TRACES", "SPANS", "ASSESSMENTS").mandatory(),
          text("metric_name").mandatory(),
          messages(
                  "aggregations",
                  choice("aggregation_type", "COUNT", "SUM", "AVG", "PERCENTILE", "MIN", "MAX"),
                  number("percentile_value"))
              .mandatory(),
          texts("dimensions"),
          texts("filters"),
          integer("time_interval_seconds"),
          integer("start_time_ms"),
          integer("end_time_ms"),
          integer("max_results"),
          text("page_token"));

  private final Traces traces;
  private final Spans spans;

  ChartRoutes(Traces traces, Spans spans) {
    this.traces = traces;
    this.spans = spans;
  }

  void addTo(Routes routes) {
    routes.search("/api/3.0/mlflow/traces/metrics", FIELDS, this::measure);
  }

  /** A point of a chart: when its span of time begins, and its names. */
  private record Point(Optional<Long> bucket, List<String> names) implements Comparable<Point> {
    private static final Comparator<Point> ORDER =
        Comparator.comparingLong((Point point) -> point.bucket.orElse(0L))
            .thenComparing(Point::names, Point::inOrder);

    private static int inOrder(List<String> left, List<String> right) {
      for (int i = 0; i < left.size(); i++) {
        int order = left.get(i).compareTo(right.get(i));
        if (order != 0) {
          return order;
        }
      }
      return 0;
    }

    @Override
    public int compareTo(Point other) {
      return ORDER.compare(this, other);
    }
  }

  /** From when to when, both included, and in which steps. */
  private record Times(Optional<Long> start, Optional<Long> end, Optional<Long> step) {
    static Times of(Message request) {
      Times times =
          new Times(
              optional(request, "start_time_ms"),
              optional(request, "end_time_ms"),
              optional(request, "time_interval_seconds")
                  .filter(seconds -> seconds != 0)
                  .map(Times::step));
      if (times.step.isPresent() && (times.start.isEmpty() || times.end.isEmpty())) {
        throw MlflowException.invalid(
            "start_time_ms and end_time_ms are required if time_interval_seconds is set");
      }
      return times;
    }

    /** Milliseconds of seconds; more than there can be are as many as there can be. */
    private static long step(long seconds) {
      return Math.clamp(seconds, -Long.MAX_VALUE / 1_000, Long.MAX_VALUE / 1_000) * 1_000;
    }

    private static Optional<Long> optional(Message request, String field) {
      return request.has(field) ? Optional.of(request.integer(field, 0)) : Optional.empty();
    }

    boolean hold(long millis) {
      return start.orElse(Long.MIN_VALUE) <= millis && millis <= end.orElse(Long.MAX_VALUE);
    }

    boolean areOver(Trace trace) {
      return trace.millis() < start.orElse(Long.MIN_VALUE);
    }

    Optional<Long> bucket(long millis) {
      return step.map(size -> Math.floorDiv(millis, size) * size);
    }
  }

  private Reply measure(Message request) {
    Measure.View view = Measure.View.of(request.text("view_type"));
    List<Aggregation> aggregations =
        request.messages("aggregations").stream().map(Aggregation::of).toList();
    List<String> dimensions = request.texts("dimensions");
    Measure measure = Measure.of(view, request.text("metric_name"), aggregations, dimensions);
    Times times = Times.of(request);
    Predicate<Measured> filter = MeasureFilter.of(request.texts("filters"), view);
    Map<Point, List<JsonNode>> points = new TreeMap<>();
    request.texts("experiment_ids").stream()
        .map(Experiments::id)
        .distinct()
        .flatMap(id -> read(id, measure, times))
        .flatMap(trace -> measured(trace, view))
        .filter(filter)
        .forEach(each -> add(points, each, measure, times, dimensions));
    if (points.isEmpty() && dimensions.isEmpty() && times.step().isEmpty()) {
      points.put(new Point(Optional.empty(), List.of()), List.of());
    }
    ObjectNode json = Json.MAPPER.createObjectNode();
    points.entrySet().stream()
        .limit(Math.max(0, request.integer("max_results", DEFAULT_POINTS)))
        .flatMap(point -> told(point, measure, aggregations, dimensions).stream())
        .forEach(point -> json.withArray("/data_points").add(point));
    return Reply.json(json);
  }

  /** The newest come first, so those before the time that is asked for are not read. */
  private Stream<Trace> read(String experimentId, Measure measure, Times times) {
    Stream<Trace> all = traces.of(experimentId);
    return measure.isBySpan() ? all : all.takeWhile(trace -> !times.areOver(trace));
  }

  private Stream<Measured> measured(Trace trace, Measure.View view) {
    return switch (view) {
      case TRACES -> Stream.of(new Measured(trace));
      case SPANS -> spans.notes(trace).map(note -> new Measured(trace, note.json()));
      case ASSESSMENTS ->
          trace.assessments().stream()
              .filter(assessment -> assessment.path("valid").asBoolean())
              .map(assessment -> new Measured(trace, assessment));
    };
  }

  private static void add(
      Map<Point, List<JsonNode>> points,
      Measured each,
      Measure measure,
      Times times,
      List<String> dimensions) {
    boolean spans = measure.of() == Measure.View.SPANS;
    long moment = spans ? Math.floorDiv(each.span().begin(), NANOS) : each.trace().millis();
    List<String> names =
        dimensions.stream().flatMap(dimension -> each.dimension(dimension).stream()).toList();
    Optional<JsonNode> value = measure.value().apply(each);
    if (value.isPresent()
        && names.size() == dimensions.size()
        && times.hold(measure.isBySpan() ? moment : each.trace().millis())) {
      points
          .computeIfAbsent(new Point(times.bucket(moment), names), point -> new ArrayList<>())
          .add(value.get());
    }
  }

  private static Optional<ObjectNode> told(
      Map.Entry<Point, List<JsonNode>> point,
      Measure measure,
      List<Aggregation> aggregations,
      List<String> dimensions) {
    ObjectNode values = Json.MAPPER.createObjectNode();
    List<JsonNode> all =
        measure.name().equals(Measure.SESSIONS)
            ? point.getValue().stream().distinct().toList()
            : point.getValue();
    for (Aggregation aggregation : aggregations) {
      OptionalDouble number = aggregation.of(all);
      number.ifPresent(value -> values.put(aggregation.label(), value));
    }
    if (values.isEmpty()) {
      return Optional.empty();
    }
    ObjectNode json = Json.MAPPER.createObjectNode().put("metric_name", measure.name());
    point
        .getKey()
        .bucket()
        .map(millis -> BUCKET.format(Instant.ofEpochMilli(millis)))
        .ifPresent(bucket -> json.withObject("/dimensions").put("time_bucket", bucket));
    for (int i = 0; i < dimensions.size(); i++) {
      json.withObject("/dimensions").put(dimensions.get(i), point.getKey().names().get(i));
    }
    json.set("values", values);
    return Optional.of(json);
  }
}
