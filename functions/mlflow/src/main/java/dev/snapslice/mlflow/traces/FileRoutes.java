package dev.snapslice.mlflow.traces;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.artifacts.Artifacts;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The spans of a trace, or what is attached to them, as a file: for the UI and older clients. */
final class FileRoutes {
  private static final String FILE = "traces.json";
  private static final Pattern ATTACHMENT =
      Pattern.compile("\\p{XDigit}{8}(-?\\p{XDigit}{4}){4}\\p{XDigit}{8}");

  private final Traces traces;
  private final Spans spans;
  private final Artifacts artifacts;

  FileRoutes(Traces traces, Spans spans, Artifacts artifacts) {
    this.traces = traces;
    this.spans = spans;
    this.artifacts = artifacts;
  }

  void addTo(Routes routes) {
    for (String version : List.of("2.0", "3.0")) {
      routes.add("GET", "/api/" + version + "/mlflow/get-trace-artifact", this::get);
    }
  }

  private Reply get(Call call) {
    String id =
        call.asked("request_id")
            .orElseThrow(() ->
                new MlflowException(
                    Code.BAD_REQUEST, "Request must include the \"request_id\" query parameter."));
    if (call.asked("path").isPresent()) {
      String path = call.required("path");
      if (!ATTACHMENT.matcher(path).matches()) {
        throw MlflowException.invalid(
            "Invalid attachment path: '%s'. Attachment path must be a valid UUID.".formatted(path));
      }
      return send(traces.get(id), "attachments/" + path);
    }
    Trace trace = traces.find(id).orElseThrow(() -> Traces.unfound(id));
    return trace.hasSpansHere() ? file(trace) : send(trace, FILE);
  }

  private Reply send(Trace trace, String path) {
    return artifacts.send(
        trace.tag(Trace.LOCATION_TAG).orElseThrow(() -> Traces.missing(trace.id())),
        Artifacts.path(path));
  }

  private Reply file(Trace trace) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    ArrayNode all = json.putArray("spans");
    spans.of(trace).forEach(span -> all.add(SpanContent.of(span)));
    return TraceRoutes.whole(
        new Reply(
            200,
            "text/plain",
            Json.write(json),
            Map.of(
                "content-disposition",
                "attachment; filename=" + FILE,
                "x-content-type-options",
                "nosniff")));
  }
}
