package dev.snapslice.mlflow.traces;

import static dev.snapslice.mlflow.protocol.Field.flag;
import static dev.snapslice.mlflow.protocol.Field.json;
import static dev.snapslice.mlflow.protocol.Field.message;
import static dev.snapslice.mlflow.protocol.Field.messages;
import static dev.snapslice.mlflow.protocol.Field.text;
import static dev.snapslice.mlflow.protocol.Field.texts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.job.FanOut;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.permission.Permissions;
import dev.snapslice.mlflow.artifacts.Artifacts;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.protocol.PythonJson;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.Experiment;
import dev.snapslice.mlflow.tracking.Experiments;
import dev.snapslice.runtime.GatewayEvent;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** The operations on traces. */
public final class TraceRoutes {
  private static final int AT_ONCE = 16;
  private static final Set<String> STATES = Set.of("OK", "ERROR", Trace.IN_PROGRESS);
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
  private final Artifacts artifacts;
  private final Permissions permissions;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final FanOut some = new FanOut(AT_ONCE);

  public TraceRoutes(
      TrackingTable table,
      Experiments experiments,
      Artifacts artifacts,
      Permissions permissions,
      InstantSource clock,
      RandomGenerator random) {
    this.experiments = experiments;
    this.artifacts = artifacts;
    this.permissions = permissions;
    this.clock = clock;
    this.random = random;
    this.spans = new Spans(table);
    this.traces = new Traces(table, spans);
    this.assessments = new Assessments(clock, random);
  }

  /** Adds them all. */
  public void addTo(Routes routes) {
    new SpanRoutes(experiments, traces, permissions).addTo(routes);
    new AssessmentRoutes(traces, assessments).addTo(routes);
    new FindRoutes(experiments, traces, spans, clock).addTo(routes);
    new ChartRoutes(traces, spans).addTo(routes);
    new MarkRoutes(traces).addTo(routes);
    new FileRoutes(traces, spans, artifacts).addTo(routes);
    new OldTraceRoutes(experiments, traces, random).addTo(routes);
    String path = "/api/3.0/mlflow/traces";
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
        .add("GET", path + "/{id}", this::get);
  }

  /**
   * Where a trace is.
   *
   * @param location URI under which it keeps files
   */
  public record Place(String experimentId, String location) {}

  /** Where a trace is; empty if there is none. */
  public Optional<Place> find(String id) {
    return traces
        .find(id)
        .map(trace -> new Place(trace.experimentId(), trace.tag(Trace.LOCATION_TAG).orElse("")));
  }

  private static Reply reply(ObjectNode trace) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.set("trace", trace);
    return whole(Reply.json(json));
  }

  /** A reply, if Lambda can hand it over. */
  static Reply whole(Reply reply) {
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
    Experiment experiment = experiments.active(experimentId);
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
    String location = trace.tag(Trace.LOCATION_TAG).orElseThrow();
    sent.json("tags")
        .ifPresent(tags ->
            tags.properties().forEach(tag -> trace.tag(tag.getKey(), tag.getValue().asText())));
    trace.tag(Trace.LOCATION_TAG, location);
    sent.json("trace_metadata")
        .ifPresent(all ->
            all.properties().forEach(one -> trace.tell(one.getKey(), one.getValue().asText())));
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
    Trace trace = traces.find(id).orElseThrow(() -> Traces.unfound(id));
    if (!trace.hasSpansHere()) {
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
    List<ObjectNode> all = spans.of(trace);
    if (!partial && all.size() < expected(trace)) {
      return Optional.empty();
    }
    ObjectNode json = told(trace);
    all.forEach(json.withArray("/spans")::add);
    return Optional.of(json);
  }

  /** How many spans a trace's client says that it has; one, where it says nothing that counts. */
  private static int expected(Trace trace) {
    return trace
        .metadata("mlflow.trace.sizeStats")
        .flatMap(PythonJson::loads)
        .map(stats -> Math.max(1, stats.path("num_spans").asInt()))
        .orElse(1);
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
    List<Trace> here = asked(request).stream().filter(Trace::hasSpansHere).toList();
    ObjectNode json = Json.MAPPER.createObjectNode();
    some.map(here, trace -> withSpans(trace, false)).stream()
        .flatMap(Optional::stream)
        .forEach(trace -> json.withArray("/traces").add(trace));
    return whole(Reply.json(json));
  }

  private Reply getInfos(Message request) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    asked(request).forEach(trace -> json.withArray("/trace_infos").add(trace.message()));
    return whole(Reply.json(json));
  }
}
