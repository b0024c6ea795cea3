package dev.snapslice.mlflow.traces;

import static dev.snapslice.mlflow.protocol.Field.messages;
import static dev.snapslice.mlflow.protocol.Field.text;
import static dev.snapslice.mlflow.protocol.Field.texts;

import dev.snapslice.core.job.FanOut;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.mlflow.tracking.Checks;
import java.util.List;
import java.util.Set;

/** The operations that mark traces: with tags, as those of a run, as those of prompts. */
final class MarkRoutes {
  private static final int MOST_LINKS = 100;
  private static final int AT_ONCE = 16;
  private static final Set<String> NOT_FOR_CLIENTS =
      Set.of(Trace.SPANS_TAG, "mlflow.trace.archiveLocation", "mlflow.trace.archivalFailure");

  private final Traces traces;
  private final FanOut some = new FanOut(AT_ONCE);

  MarkRoutes(Traces traces) {
    this.traces = traces;
  }

  void addTo(Routes routes) {
    String old = "/api/2.0/mlflow/traces";
    for (String path : List.of(old, "/api/3.0/mlflow/traces")) {
      routes
          .add("PATCH", path + "/{id}/tags", this::tag)
          .add("DELETE", path + "/{id}/tags", this::untag);
    }
    routes
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

  /** Traces that are not there are passed over: they may come later, or never. */
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
}
