package dev.snapslice.mlflow.traces;

import static dev.snapslice.mlflow.protocol.Field.message;
import static dev.snapslice.mlflow.protocol.Field.text;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The operations on what is thought of traces: feedback and expectations. */
final class AssessmentRoutes {
  private static final Field ASSESSMENT = message("assessment", Assessments.FIELDS).mandatory();

  private final Traces traces;
  private final Assessments assessments;

  AssessmentRoutes(Traces traces, Assessments assessments) {
    this.traces = traces;
    this.assessments = assessments;
  }

  void addTo(Routes routes) {
    String all = "/api/3.0/mlflow/traces/{id}/assessments";
    String one = all + "/{assessment}";
    routes
        .add("POST", all, this::create)
        .add("GET", one, this::get)
        .add("PATCH", one, this::update)
        .add("DELETE", one, this::delete);
  }

  private static Reply reply(ObjectNode assessment) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.set("assessment", assessment);
    return Reply.json(json);
  }

  private static Message assessment(Message request) {
    return request
        .message("assessment")
        .orElseThrow(() -> MlflowException.invalid("the assessment cannot be read"));
  }

  private Reply create(Call call) {
    Message sent = assessment(call.message(List.of(ASSESSMENT)));
    String traceId = call.parameter("id");
    ObjectNode assessment = assessments.read(traceId, sent);
    traces.change(
        traceId,
        trace -> {
          sent.given("overrides")
              .ifPresent(overrides -> existing(trace, overrides).put("valid", false));
          trace.assess(assessment);
        });
    return reply(assessment);
  }

  private static ObjectNode existing(Trace trace, String id) {
    return trace
        .assessment(id)
        .orElseThrow(() ->
            MlflowException.missing(
                "Assessment with ID '%s' not found for trace '%s'".formatted(id, trace.id())));
  }

  private static MlflowException missing(String traceId) {
    return MlflowException.missing("Trace with request_id '%s' not found".formatted(traceId));
  }

  private Reply get(Call call) {
    String traceId = call.parameter("id");
    Trace trace = traces.find(traceId).orElseThrow(() -> missing(traceId));
    return reply(existing(trace, call.parameter("assessment")));
  }

  private Reply update(Call call) {
    Message request = call.message(List.of(ASSESSMENT, text("update_mask").mandatory()));
    List<String> paths =
        Arrays.stream(request.text("update_mask").split(",", -1))
            .map(path -> path.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT))
            .toList();
    String traceId = call.parameter("id");
    String id = call.parameter("assessment");
    Trace trace =
        traces.change(
            traceId,
            () -> {
              throw missing(traceId);
            },
            changed -> assessments.update(existing(changed, id), assessment(request), paths));
    return reply(existing(trace, id));
  }

  /** One that is not there, or whose trace is not, is as deleted. */
  private Reply delete(Call call) {
    String traceId = call.parameter("id");
    String id = call.parameter("assessment");
    if (traces.find(traceId).flatMap(trace -> trace.assessment(id)).isPresent()) {
      traces.change(
          traceId,
          trace -> {
            trace
                .assessment(id)
                .flatMap(deleted -> trace.assessment(deleted.path("overrides").asText()))
                .ifPresent(overridden -> overridden.put("valid", true));
            trace.forget(id);
          });
    }
    return Reply.done();
  }
}
