package dev.snapslice.mlflow.traces;

import static dev.snapslice.mlflow.protocol.Field.flag;
import static dev.snapslice.mlflow.protocol.Field.integer;
import static dev.snapslice.mlflow.protocol.Field.json;
import static dev.snapslice.mlflow.protocol.Field.message;
import static dev.snapslice.mlflow.protocol.Field.messages;
import static dev.snapslice.mlflow.protocol.Field.text;
import static dev.snapslice.mlflow.protocol.Field.texts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.job.FanOut;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.protocol.Page;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.Checks;
import dev.snapslice.mlflow.tracking.Experiment;
import dev.snapslice.mlflow.tracking.Experiments;
import dev.snapslice.mlflow.tracking.Stage;
import dev.snapslice.runtime.GatewayEvent;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** The operations on traces. */
public final class TraceRoutes {
  private static final int DEFAULT_PAGE = 100;
  private static final int LARGEST_PAGE = 500;
  private static final int MOST_LINKS = 100;
  private static final int AT_ONCE = 16;
  private static final Set<String> STATES = Set.of("OK", "ERROR", Trace.IN_PROGRESS);
  private static final Set<String> NOT_FOR_CLIENTS =
      Set.of(Trace.SPANS_TAG, "mlflow.trace.archiveLocation", "mlflow.trace.archivalFailure");
  private static final Field LOCATION =
      message("trace_location", message("mlflow_experiment", text("experiment_id")));
  private static final List<Field> START =
      List.of(
          message(
                  "trace",
                  message(
                      "trace_info",
                      text("trace_id"),
                      text("client_request_id"),
                      LOCATION,
                      text("request_preview"),
                      text("response_preview"),
                      text("request_time"),
                      text("execution_duration"),
                      text("state"),
                      json("trace_metadata"),
                      messages("assessments", Assessments.FIELDS),
                      json("tags")))
              .mandatory());

  private final Experiments experiments;
  private final Spans spans;
  private final Traces traces;
  private final Assessments assessments;
  private final FanOut some = new FanOut(AT_ONCE);

  public TraceRoutes(
      TrackingTable table, Experiments experiments, InstantSource clock, RandomGenerator random) {
    this.experiments = experiments;
    this.spans = new Spans(table);
    this.traces = new Traces(table, spans);
    this.assessments = new Assessments(clock, random);
  }

  /** Adds them all. */
  public void addTo(Routes routes) {
    new SpanRoutes(experiments, traces, spans).addTo(routes);
    new AssessmentRoutes(traces, assessments).addTo(routes);
    String path = "/api/3.0/mlflow/traces";
    String old = "/api/2.0/mlflow/traces";
    List<Field> ids = List.of(texts("trace_ids").mandatory(), texts("experiment_ids"));
    routes
        .add("POST", path, START, this::start)
        .add("GET", path + "/batchGet", ids, this::getSome)
        .search(path + "/batchGetInfos", ids, this::getInfos)
        .add(
            "GET",
            path + "/get",
            List.of(text("trace_id").mandatory(), flag("allow_partial")),
            this::getWhole)
        .search(
            path + "/search",
            List.of(
                messages("locations", message("mlflow_experiment", text("experiment_id")))
                    .mandatory(),
                text("filter"),
                integer("max_results"),
                texts("order_by"),
                text("page_token")),
            this::search)
        .add("GET", path + "/{id}", this::get)
        .add(
            "POST",
            old + "/link-to-run",
            List.of(texts("trace_ids").mandatory(), text("run_id").mandatory()),
            this::linkToRun)
        .add(
            "POST",
            old + "/link-prompts",
            List.of(
                text("trace_id").mandatory(),
                messages("prompt_versions", text("name"), text("version")).mandatory()),
            this::linkPrompts);
    for (String either : List.of(old, path)) {
      routes
          .add("PATCH", either + "/{id}/tags", this::tag)
          .add("DELETE", either + "/{id}/tags", this::untag)
          .add(
              "POST",
              either + "/delete-traces",
              List.of(
                  text("experiment_id").mandatory(),
                  integer("max_timestamp_millis"),
                  integer("max_traces"),
                  texts("request_ids")),
              this::delete);
    }
  }

  private static Reply reply(ObjectNode trace) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.set("trace", trace);
    return whole(json);
  }

  private static Reply whole(ObjectNode json) {
    Reply reply = Reply.json(json);
    if (!GatewayEvent.fits(reply.body())) {
      throw MlflowException.invalid(
          "the spans are more than an answer holds (6 MB): ask for fewer traces at once");
    }
    return reply;
  }

  private static ObjectNode told(Trace trace) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.set("trace_info", trace.message());
    return json;
  }

  private Reply start(Message request) {
    Message sent =
        request.message("trace").flatMap(t -> t.message("trace_info")).orElseGet(Message::empty);
    String experimentId =
        sent.message("trace_location")
            .flatMap(location -> location.message("mlflow_experiment"))
            .map(location -> location.text("experiment_id"))
            .orElseThrow(() ->
                MlflowException.invalid("the trace does not say which experiment it belongs to"));
    Experiment experiment = experiments.get(experimentId);
    if (experiment.stage() != Stage.ACTIVE) {
      throw Experiments.inactive(experiment.id());
    }
    String id = sent.text("trace_id");
    long began = sent.given("request_time").map(Times::millis).orElse(0L);
    Trace trace =
        traces.change(
            id,
            () -> Trace.begun(id, experiment, began),
            started -> {
              started.move(experiment, began);
              fill(started, sent);
            });
    return reply(told(trace));
  }

  private void fill(Trace trace, Message sent) {
    ObjectNode info = trace.info();
    info.put("state", STATES.contains(sent.text("state")) ? sent.text("state") : Trace.UNSPECIFIED);
    info.remove(List.of("execution_duration", "client_request_id"));
    sent.given("execution_duration").map(Times::ofDuration).ifPresent(trace::last);
    for (String field : List.of("client_request_id", "request_preview", "response_preview")) {
      if (sent.has(field)) {
        info.put(field, sent.text(field));
      }
    }
    String location = trace.tag("mlflow.artifactLocation").orElseThrow();
    sent.json("tags")
        .ifPresent(tags ->
            tags.properties().forEach(tag -> trace.tag(tag.getKey(), tag.getValue().asText())));
    trace.tag("mlflow.artifactLocation", location);
    sent.json("trace_metadata")
        .ifPresent(all ->
            all.properties().forEach(one -> trace.metadata(one.getKey(), one.getValue().asText())));
    trace.metadata(Trace.FINAL, "true");
    sent.messages("assessments")
        .forEach(assessment -> trace.assess(assessments.read(trace.id(), assessment)));
  }

  private Reply get(Call call) {
    return reply(told(traces.get(call.parameter("id"))));
  }

  /** Clients ask again for one that is not there as a whole. */
  private Reply getWhole(Message request) {
    String id = request.text("trace_id");
    Trace trace =
        traces
            .find(id)
            .orElseThrow(
                () -> MlflowException.missing("Trace with ID %s is not found.".formatted(id)));
    if (trace.tag(Trace.SPANS_TAG).filter(Trace.SPANS_HERE::equals).isEmpty()) {
      throw new MlflowException(Code.INTERNAL_ERROR, "Trace data not stored in tracking store");
    }
    return reply(
        withSpans(trace, request.flag("allow_partial", false))
            .orElseThrow(() ->
                MlflowException.missing(
                    "Trace with ID %s is not fully exported yet, please try again later."
                        .formatted(id))));
  }

  /** A trace with its spans, if they have all come or that does not matter. */
  private Optional<ObjectNode> withSpans(Trace trace, boolean partial) {
    List<ObjectNode> all = spans.of(trace.id());
    int expected =
        trace
            .metadata("mlflow.trace.sizeStats")
            .map(stats -> Json.read(stats, ObjectNode.class).path("num_spans").asInt())
            .orElse(1);
    if (!partial && all.size() < Math.max(1, expected)) {
      return Optional.empty();
    }
    ObjectNode json = told(trace);
    all.forEach(json.withArray("/spans")::add);
    return Optional.of(json);
  }

  private List<Trace> asked(Message request) {
    List<String> experimentIds = request.texts("experiment_ids");
    return some.map(request.texts("trace_ids").stream().distinct().toList(), traces::find).stream()
        .flatMap(Optional::stream)
        .filter(
            trace -> !request.has("experiment_ids") || experimentIds.contains(trace.experimentId()))
        .toList();
  }

  private Reply getSome(Message request) {
    List<Trace> here =
        asked(request).stream()
            .filter(
                trace -> trace.tag(Trace.SPANS_TAG).filter(Trace.SPANS_HERE::equals).isPresent())
            .toList();
    ObjectNode json = Json.MAPPER.createObjectNode();
    some.map(here, trace -> withSpans(trace, false)).stream()
        .flatMap(Optional::stream)
        .forEach(trace -> json.withArray("/traces").add(trace));
    return whole(json);
  }

  private Reply getInfos(Message request) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    asked(request).forEach(trace -> json.withArray("/trace_infos").add(trace.message()));
    return whole(json);
  }

  /** Reads no more than the page needs where the newest come first. */
  private Reply search(Message request) {
    int limit = Page.limit(request.integer("max_results", DEFAULT_PAGE), LARGEST_PAGE);
    var filter = TraceSearch.filter(request.text("filter"));
    List<String> orders = request.texts("order_by");
    var order = TraceSearch.order(orders);
    long most =
        TraceSearch.isByTime(orders)
            ? Page.offset(request.text("page_token")) + limit + 1
            : Long.MAX_VALUE;
    List<Trace> found =
        request.messages("locations").stream()
            .flatMap(location -> location.message("mlflow_experiment").stream())
            .map(location -> Experiments.id(location.text("experiment_id")))
            .distinct()
            .flatMap(id -> traces.of(id).filter(filter).limit(most))
            .sorted(order)
            .toList();
    return Page.reply("traces", found, request.text("page_token"), limit, Trace::message);
  }

  private static void refuseOurs(String key, String what) {
    if (NOT_FOR_CLIENTS.contains(key)) {
      throw MlflowException.invalid(
          "Tag '%s' is immutable and cannot be %s on a trace.".formatted(key, what));
    }
  }

  private Reply tag(Call call) {
    Message request = call.message(List.of(text("key").mandatory(), text("value")));
    String key = request.text("key");
    refuseOurs(key, "set");
    String value = Checks.tag("", key, request.text("value"));
    traces.change(call.parameter("id"), trace -> trace.tag(key, value));
    return Reply.done();
  }

  private Reply untag(Call call) {
    String key = call.message(List.of(text("key").mandatory())).text("key");
    refuseOurs(key, "deleted");
    String id = call.parameter("id");
    MlflowException missing =
        MlflowException.missing(
            "No trace tag with key '%s' for trace with ID '%s'".formatted(key, id));
    traces.change(
        id,
        () -> {
          throw missing;
        },
        trace -> {
          if (!trace.untag(key)) {
            throw missing;
          }
        });
    return Reply.done();
  }

  private Reply linkToRun(Message request) {
    List<String> ids = request.texts("trace_ids");
    if (ids.size() > MOST_LINKS) {
      throw MlflowException.invalid(
          "Cannot link more than %d traces to a run in a single request. Provided %d traces."
              .formatted(MOST_LINKS, ids.size()));
    }
    String run = request.text("run_id");
    some.map(
        ids.stream().distinct().toList(),
        id ->
            traces.find(id).map(found -> traces.change(id, trace -> trace.link(Trace.RUNS, run))));
    return Reply.done();
  }

  private Reply linkPrompts(Message request) {
    List<Message> versions = request.messages("prompt_versions");
    if (!versions.isEmpty()) {
      traces.change(
          request.text("trace_id"),
          trace ->
              versions.forEach(version ->
                  trace.link(Trace.PROMPTS, version.text("name") + "/" + version.text("version"))));
    }
    return Reply.done();
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
        until
            .map(millis ->
                traces
                    .of(experimentId)
                    .filter(trace -> trace.millis() <= millis)
                    .toList()
                    .reversed()
                    .stream()
                    .limit(most.orElse(Long.MAX_VALUE))
                    .map(Trace::id)
                    .toList())
            .orElse(ids);
    long deleted =
        some
            .map(doomed.stream().distinct().toList(), id -> traces.delete(experimentId, id))
            .stream()
            .filter(done -> done)
            .count();
    return Reply.json(Json.MAPPER.createObjectNode().put("traces_deleted", deleted));
  }

  private static Optional<Long> optional(Message request, String field) {
    return request.has(field) ? Optional.of(request.integer(field, 0)) : Optional.empty();
  }
}
