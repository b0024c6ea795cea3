package dev.snapslice.mlflow.traces;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.tracking.Checks;
import dev.snapslice.mlflow.tracking.Experiment;
import dev.snapslice.mlflow.tracking.Uris;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A trace without its spans, as one document: the {@code TraceInfoV3} message, what the trace is
 * linked to, and of its spans what a search asks. Whoever reads one has it for himself and may
 * change it; not thread-safe.
 */
final class Trace {
  static final String UNSPECIFIED = "STATE_UNSPECIFIED";
  static final String IN_PROGRESS = "IN_PROGRESS";
  static final String NAME_TAG = "mlflow.traceName";
  static final String SPANS_TAG = "mlflow.trace.spansLocation";
  static final String SPANS_HERE = "TRACKING_STORE";
  static final String FINAL = "mlflow.trace.infoFinalized";
  static final String SESSION = "mlflow.trace.session";
  static final String SOURCE_RUN = "mlflow.sourceRun";

  /** What it is linked to. */
  static final String RUNS = "runs";

  static final String PROMPTS = "prompts";
  static final String LOCATION_TAG = "mlflow.artifactLocation";
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,128}");

  /** Of those that have more spans, each question reads the spans themselves. */
  private static final int MOST_NOTES = 2_000;

  private static final int LONGEST_KEY = 250;
  private static final int LONGEST_TAG = 4_096;
  private static final int LONGEST_TOLD = 250;

  private final ObjectNode json;

  Trace(ObjectNode json) {
    this.json = json;
  }

  /** One of which nothing but its beginning is known. */
  static Trace begun(String id, Experiment experiment, long millis) {
    if (!ID.matcher(id).matches()) {
      throw MlflowException.invalid(
          "Invalid trace ID '%s': it has up to 128 letters, digits, _ and -".formatted(id));
    }
    Trace trace = new Trace(Json.MAPPER.createObjectNode());
    trace.info().put("trace_id", id).put("state", IN_PROGRESS);
    trace.move(experiment, millis);
    return trace;
  }

  /** Says where it belongs, and when it began. */
  void move(Experiment experiment, long millis) {
    ObjectNode location = info().putObject("trace_location").put("type", "MLFLOW_EXPERIMENT");
    location.putObject("mlflow_experiment").put("experiment_id", experiment.id());
    begin(millis);
    tag(LOCATION_TAG, folder(experiment.location(), id()));
  }

  /** The URI under which a trace keeps its files, whatever its tag was made. */
  static String folder(String location, String id) {
    return Uris.append(location, "traces", id, "artifacts");
  }

  void begin(long millis) {
    info().put("request_time", Times.moment(millis));
  }

  ObjectNode json() {
    return json;
  }

  /** The {@code TraceInfoV3} message. */
  ObjectNode info() {
    return json.withObject("/info");
  }

  /** What is told of it: as MLflow has it, without the ends of long metadata. */
  ObjectNode message() {
    ObjectNode message = info().deepCopy();
    if (message.has("trace_metadata")) {
      ObjectNode told = message.putObject("trace_metadata");
      info()
          .path("trace_metadata")
          .properties()
          .forEach(pair ->
              told.put(
                  Checks.cut(pair.getKey(), LONGEST_TOLD),
                  Checks.cut(pair.getValue().asText(), LONGEST_TOLD)));
    }
    return message;
  }

  /** Which of the traces of this id it is: those before were deleted. */
  long life() {
    return json.path("life").asLong();
  }

  void live(long life) {
    json.put("life", life);
  }

  String id() {
    return info().path("trace_id").asText();
  }

  String experimentId() {
    return info().at("/trace_location/mlflow_experiment/experiment_id").asText();
  }

  /** When it began, in epoch milliseconds. */
  long millis() {
    return Instant.parse(info().path("request_time").asText()).toEpochMilli();
  }

  /** How long it took, in milliseconds. */
  Optional<Long> duration() {
    return text("execution_duration").map(Times::ofDuration);
  }

  void last(long millis) {
    info().put("execution_duration", Times.duration(millis));
  }

  String state() {
    return info().path("state").asText();
  }

  /** A field of the message that is a text. */
  Optional<String> text(String field) {
    return Optional.ofNullable(info().get(field)).map(JsonNode::asText);
  }

  Optional<String> tag(String key) {
    return Optional.ofNullable(info().path("tags").get(key)).map(JsonNode::asText);
  }

  void tag(String key, String value) {
    Checks.length("key", LONGEST_KEY, key);
    ((ObjectNode) info().withObject("/tags")).put(key, Checks.cut(value, LONGEST_TAG));
  }

  /** Takes a tag away, and tells whether it was there. */
  boolean untag(String key) {
    return info().withObject("/tags").remove(key) != null;
  }

  Optional<String> metadata(String key) {
    return Optional.ofNullable(info().path("trace_metadata").get(key)).map(JsonNode::asText);
  }

  void metadata(String key, String value) {
    Checks.length("key", LONGEST_KEY, key);
    info().withObject("/trace_metadata").put(key, value);
  }

  /** Adds metadata that a client tells; of what models used, each number counts by itself. */
  void tell(String key, String value) {
    Usage.in(key)
        .ifPresentOrElse(
            usage -> usage.put(this, TextNode.valueOf(value)), () -> metadata(key, value));
  }

  /** Whether its spans have come to this server, and not to a file. */
  boolean hasSpansHere() {
    return tag(SPANS_TAG).filter(SPANS_HERE::equals).isPresent();
  }

  /** Whether its client has told all of it, so that spans change nothing any more. */
  boolean isFinal() {
    return metadata(FINAL).isPresent();
  }

  /** The {@code Assessment} messages, in the order in which they came. */
  List<ObjectNode> assessments() {
    List<ObjectNode> assessments = new ArrayList<>();
    info().path("assessments").forEach(each -> assessments.add((ObjectNode) each));
    return assessments;
  }

  Optional<ObjectNode> assessment(String id) {
    return assessments().stream()
        .filter(each -> each.path("assessment_id").asText().equals(id))
        .findFirst();
  }

  /** Adds an assessment, or puts it in the place of the one with its id. */
  void assess(ObjectNode assessment) {
    List<ObjectNode> all = assessments();
    String id = assessment.path("assessment_id").asText();
    int at = 0;
    while (at < all.size() && !all.get(at).path("assessment_id").asText().equals(id)) {
      at++;
    }
    ArrayNode kept = info().withArray("/assessments");
    if (at < all.size()) {
      kept.set(at, assessment);
    } else {
      kept.add(assessment);
    }
  }

  void forget(String assessmentId) {
    List<ObjectNode> kept =
        assessments().stream()
            .filter(each -> !each.path("assessment_id").asText().equals(assessmentId))
            .toList();
    info().remove("assessments");
    kept.forEach(info().withArray("/assessments")::add);
  }

  /** Links it to something, once. */
  void link(String kind, String id) {
    if (!isLinked(kind, id)) {
      json.withArray("/" + kind).add(id);
    }
  }

  boolean isLinked(String kind, String id) {
    for (JsonNode each : json.path(kind)) {
      if (each.asText().equals(id)) {
        return true;
      }
    }
    return false;
  }

  /** Notes a span, or notes it anew. */
  void note(SpanNote span) {
    ObjectNode notes = (ObjectNode) json.withObject("/notes");
    if (notes.has(span.id()) || notes.size() < MOST_NOTES) {
      notes.set(span.id(), span.json());
    } else {
      json.put("more", true);
    }
  }

  /** What is noted of its spans, in the order in which they came first. */
  List<SpanNote> notes() {
    List<SpanNote> notes = new ArrayList<>();
    json.path("notes").forEach(note -> notes.add(new SpanNote((ObjectNode) note)));
    return notes;
  }

  /** Whether all of its spans are noted. */
  boolean notesAll() {
    return !json.path("more").asBoolean();
  }
}
