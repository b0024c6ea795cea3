package dev.snapslice.mlflow.traces;

import static dev.snapslice.mlflow.protocol.Field.integer;
import static dev.snapslice.mlflow.protocol.Field.message;
import static dev.snapslice.mlflow.protocol.Field.messages;
import static dev.snapslice.mlflow.protocol.Field.text;
import static dev.snapslice.mlflow.protocol.Field.texts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.job.FanOut;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Page;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.mlflow.tracking.Experiment;
import dev.snapslice.mlflow.tracking.Experiments;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** The operations on many traces: to search, to compare two searches, to delete. */
final class FindRoutes {
  private static final int DEFAULT_PAGE = 100;
  private static final int LARGEST_PAGE = 500;
  private static final int AT_ONCE = 16;
  private static final List<Field> PAGED =
      List.of(text("filter"), integer("max_results"), texts("order_by"), text("page_token"));
  private static final List<Field> DELETE =
      List.of(
          text("experiment_id").mandatory(),
          integer("max_timestamp_millis"),
          integer("max_traces"),
          texts("request_ids"));

  private final Experiments experiments;
  private final Traces traces;
  private final Spans spans;
  private final InstantSource clock;
  private final FanOut some = new FanOut(AT_ONCE);

  FindRoutes(Experiments experiments, Traces traces, Spans spans, InstantSource clock) {
    this.experiments = experiments;
    this.traces = traces;
    this.spans = spans;
    this.clock = clock;
  }

  void addTo(Routes routes) {
    String path = "/api/3.0/mlflow/traces";
    String old = "/api/2.0/mlflow/traces";
    routes
        .search(
            path + "/search",
            with(
                messages("locations", message("mlflow_experiment", text("experiment_id")))
                    .mandatory()),
            this::search)
        .add("GET", old, with(texts("experiment_ids").mandatory()), this::searchOld)
        .search(
            path + "/calculate-filter-correlation",
            List.of(
                texts("experiment_ids").mandatory(),
                text("filter_string1").mandatory(),
                text("filter_string2").mandatory(),
                text("base_filter")),
            this::correlate)
        .add("POST", path + "/delete-traces", DELETE, this::delete)
        .add("POST", old + "/delete-traces", DELETE, this::delete);
  }

  private static List<Field> with(Field where) {
    return Stream.concat(Stream.of(where), PAGED.stream()).toList();
  }

  private Reply search(Message request) {
    Stream<String> experiments =
        request.messages("locations").stream()
            .flatMap(location -> location.message("mlflow_experiment").stream())
            .map(location -> location.text("experiment_id"));
    return search(request, experiments, Trace::message);
  }

  private Reply searchOld(Message request) {
    return search(request, request.texts("experiment_ids").stream(), OldTraceRoutes::message);
  }

  /** Reads no more than the page needs where the newest come first. */
  private Reply search(
      Message request, Stream<String> experiments, Function<Trace, ObjectNode> message) {
    int limit = Page.limit(request.integer("max_results", DEFAULT_PAGE), LARGEST_PAGE);
    var filter = TraceFilter.of(request.text("filter"), spans);
    List<String> orders = request.texts("order_by");
    var order = TraceOrder.of(orders);
    long most =
        TraceOrder.isByTime(orders)
            ? Page.offset(request.text("page_token")) + limit + 1
            : Long.MAX_VALUE;
    List<Trace> found =
        experiments
            .map(Experiments::id)
            .distinct()
            .flatMap(id -> traces.of(id).filter(filter).limit(most))
            .sorted(order)
            .toList();
    return Page.reply("traces", found, request.text("page_token"), limit, message);
  }

  private Reply correlate(Message request) {
    var all = TraceFilter.of(request.text("base_filter"), spans);
    var first = TraceFilter.of(request.text("filter_string1"), spans);
    var second = TraceFilter.of(request.text("filter_string2"), spans);
    Correlation correlation = new Correlation();
    request.texts("experiment_ids").stream()
        .map(Experiments::id)
        .distinct()
        .flatMap(traces::of)
        .filter(all)
        .forEach(trace -> correlation.count(first.test(trace), second.test(trace)));
    return Reply.json(correlation.message());
  }

  private Reply delete(Message request) {
    List<String> ids = request.texts("request_ids");
    Optional<Long> until = optional(request, "max_timestamp_millis");
    Optional<Long> most = optional(request, "max_traces");
    if (until.isEmpty() && ids.isEmpty()) {
      throw MlflowException.invalid(
          "Either `max_timestamp_millis` or `trace_ids` must be specified.");
    }
    if (until.isPresent() && !ids.isEmpty()) {
      throw MlflowException.invalid(
          "Only one of `max_timestamp_millis` and `trace_ids` can be specified.");
    }
    if (!ids.isEmpty() && most.isPresent()) {
      throw MlflowException.invalid("`max_traces` can't be specified if `trace_ids` is specified.");
    }
    if (most.filter(number -> number <= 0).isPresent()) {
      throw MlflowException.invalid(
          "`max_traces` must be a positive integer, received %d.".formatted(most.get()));
    }
    String experimentId = Experiments.id(request.text("experiment_id"));
    List<String> doomed =
        until.map(millis -> oldest(experimentId, millis, most.orElse(Long.MAX_VALUE))).orElse(ids);
    long deleted =
        experiments
            .read(experimentId)
            .map(its -> deleteAll(its, doomed.stream().distinct().toList()))
            .orElse(0L);
    return Reply.json(Json.MAPPER.createObjectNode().put("traces_deleted", deleted));
  }

  private long deleteAll(Experiment experiment, List<String> ids) {
    long now = clock.millis();
    return some.map(ids, id -> traces.delete(experiment, id, now)).stream()
        .filter(done -> done)
        .count();
  }

  private List<String> oldest(String experimentId, long until, long most) {
    return traces
        .of(experimentId)
        .filter(trace -> trace.millis() <= until)
        .toList()
        .reversed()
        .stream()
        .limit(most)
        .map(Trace::id)
        .toList();
  }

  private static Optional<Long> optional(Message request, String field) {
    return request.has(field) ? Optional.of(request.integer(field, 0)) : Optional.empty();
  }
}
