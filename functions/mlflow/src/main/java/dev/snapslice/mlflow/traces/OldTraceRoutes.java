package dev.snapslice.mlflow.traces;

import static dev.snapslice.mlflow.protocol.Field.choice;
import static dev.snapslice.mlflow.protocol.Field.integer;
import static dev.snapslice.mlflow.protocol.Field.messages;
import static dev.snapslice.mlflow.protocol.Field.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.mlflow.tracking.Experiment;
import dev.snapslice.mlflow.tracking.Experiments;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;

/** The operations by which MLflow 2 wrote and read traces, with its {@code TraceInfo} message. */
final class OldTraceRoutes {
  private static final String UNSPECIFIED = "TRACE_STATUS_UNSPECIFIED";
  private static final int ID_BYTES = 16;
  private static final Field METADATA = messages("request_metadata", text("key"), text("value"));
  private static final Field TAGS = messages("tags", text("key"), text("value"));

  private final Experiments experiments;
  private final Traces traces;
  private final RandomGenerator random;

  OldTraceRoutes(Experiments experiments, Traces traces, RandomGenerator random) {
    this.experiments = experiments;
    this.traces = traces;
    this.random = random;
  }

  void addTo(Routes routes) {
    String path = "/api/2.0/mlflow/traces";
    routes
        .add(
            "POST",
            path,
            List.of(text("experiment_id"), integer("timestamp_ms"), METADATA, TAGS),
            this::start)
        .add("PATCH", path + "/{id}", this::end)
        .add("GET", path + "/{id}/info", call -> reply(traces.get(call.parameter("id"))));
  }

  /** The message; there, pairs are lists. */
  static ObjectNode message(Trace trace) {
    ObjectNode told = trace.message();
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("request_id", trace.id()).put("experiment_id", trace.experimentId());
    json.put("timestamp_ms", trace.millis()).put("execution_time_ms", trace.duration().orElse(0L));
    json.put("status", trace.state().equals(Trace.UNSPECIFIED) ? UNSPECIFIED : trace.state());
    pairs(told.path("trace_metadata"), "request_metadata", json);
    pairs(told.path("tags"), "tags", json);
    return json;
  }

  private static void pairs(JsonNode map, String field, ObjectNode json) {
    for (var pair : map.properties()) {
      json.withArray("/" + field)
          .addObject()
          .put("key", pair.getKey())
          .put("value", pair.getValue().asText());
    }
  }

  private static Reply reply(Trace trace) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.set("trace_info", message(trace));
    return Reply.json(json);
  }

  private Reply start(Message request) {
    Experiment experiment = experiments.active(request.text("experiment_id"));
    byte[] id = new byte[ID_BYTES];
    random.nextBytes(id);
    String traceId = HexFormat.of().formatHex(id);
    return reply(
        traces.change(
            traceId,
            () -> Trace.begun(traceId, experiment, request.integer("timestamp_ms", 0)),
            trace -> mark(trace, request)));
  }

  private Reply end(Call call) {
    Message request =
        call.message(
            List.of(
                integer("timestamp_ms"),
                choice("status", "OK", "ERROR", Trace.IN_PROGRESS),
                METADATA,
                TAGS));
    return reply(
        traces.change(
            call.parameter("id"),
            trace -> {
              trace.last(request.integer("timestamp_ms", 0) - trace.millis());
              trace.info().put("state", request.given("status").orElse(Trace.UNSPECIFIED));
              mark(trace, request);
            }));
  }

  private static void mark(Trace trace, Message request) {
    request.pairs("request_metadata").forEach(trace::tell);
    request.pairs("tags").forEach(trace::tag);
  }
}
