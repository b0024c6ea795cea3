package dev.snapslice.mlflow.permissions;

import static dev.snapslice.mlflow.protocol.Field.message;
import static dev.snapslice.mlflow.protocol.Field.messages;
import static dev.snapslice.mlflow.protocol.Field.text;
import static dev.snapslice.mlflow.protocol.Field.texts;

import dev.snapslice.core.permission.Permissions;
import dev.snapslice.core.permission.Resource;
import dev.snapslice.core.permission.ResourceKind;
import dev.snapslice.core.run.RunExperiments;
import dev.snapslice.mlflow.artifacts.Artifacts;
import dev.snapslice.mlflow.datasets.Datasets;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.registry.Registry;
import dev.snapslice.mlflow.traces.TraceRoutes;
import dev.snapslice.mlflow.tracking.Experiment;
import dev.snapslice.mlflow.tracking.Experiments;
import dev.snapslice.mlflow.tracking.ModelId;
import dev.snapslice.mlflow.tracking.RunRoutes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Finds what a call is about, where what answers it will look: what is in an experiment has the
 * experiment's permissions, a version those of its registered model. Thread-safe.
 */
public final class Subjects {
  private static final Field RUN = text("run_id");
  private static final Field OLD_RUN = text("run_uuid");
  private static final Field MODEL = text("model_id");
  private static final Field LOCATION = message("mlflow_experiment", text("experiment_id"));

  private final Permissions permissions;
  private final RunExperiments runs;
  private final Experiments experiments;
  private final Registry registry;
  private final TraceRoutes traces;
  private final Artifacts artifacts;
  private final Map<String, Subject> named = new HashMap<>();

  /** Over what knows where things are. */
  public Subjects(
      Permissions permissions,
      RunExperiments runs,
      Experiments experiments,
      Registry registry,
      TraceRoutes traces,
      Datasets datasets,
      Artifacts artifacts) {
    this.permissions = permissions;
    this.runs = runs;
    this.experiments = experiments;
    this.registry = registry;
    this.traces = traces;
    this.artifacts = artifacts;
    inExperiments("experiment", call -> Stream.of(said(call, text("experiment_id"))));
    inExperiments("experiments", call -> listed(call, "experiment_ids"));
    inExperiments("experiment-name", this::byName);
    inExperiments("locations", Subjects::locations);
    inExperiments("run", call -> Stream.of(ofRun(run(call))));
    inExperiments("runs", call -> listed(call, "run_ids").map(this::ofRun));
    inExperiments("asked-run", call -> Stream.of(ofRun(askedRun(call))));
    inExperiments("asked-runs", call -> asked(call, "run_id").map(this::ofRun));
    inExperiments("run-and-models", this::runAndModels);
    inExperiments("run-or-model", this::runOrModel);
    inExperiments("logged-model", Subjects::loggedModel);
    inExperiments(
        "artifact", call -> Stream.of(ofPath(call.parameters().getOrDefault("path", ""))));
    inExperiments("artifact-folder", call -> Stream.of(ofPath(said(call, text("path")))));
    inExperiments("trace", call -> Stream.of(ofTrace(call.parameter("id"))));
    inExperiments("trace-id", call -> Stream.of(ofTrace(said(call, text("trace_id")))));
    inExperiments("traces", call -> listed(call, "trace_ids").map(this::ofTrace));
    inExperiments("asked-trace", this::askedTrace);
    inExperiments("trace-start", this::startedTrace);
    inExperiments(
        "spans",
        call -> Stream.of(call.event().headers().getOrDefault("x-mlflow-experiment-id", "")));
    inExperiments("dataset", call -> datasets.experimentsOf(call.parameter("id")).stream());
    Set<ResourceKind> models = Set.of(ResourceKind.REGISTERED_MODEL, ResourceKind.PROMPT);
    add("model", models, call -> List.of(model(said(call, text("name")))));
    add("asked-model", models, call -> List.of(model(call.asked("name").orElse(""))));
    add(
        "all-experiments",
        Set.of(ResourceKind.EXPERIMENT),
        call -> List.of(all(ResourceKind.EXPERIMENT)));
    add("all-models", models, call -> List.of(all(madeKind(call))));
    add("version-sources", Set.of(ResourceKind.values()), this::versionSources);
  }

  Subject named(String name) {
    return Optional.ofNullable(named.get(name)).orElseThrow();
  }

  private void add(String name, Set<ResourceKind> kinds, Function<Call, List<Owned>> find) {
    named.put(name, new Subject(kinds, find));
  }

  private void inExperiments(String name, Function<Call, Stream<String>> ids) {
    add(
        name,
        Set.of(ResourceKind.EXPERIMENT),
        call -> ids.apply(call).distinct().map(this::experiment).toList());
  }

  private Owned experiment(String asked) {
    String id = Experiments.id(asked.isEmpty() ? Experiment.DEFAULT_ID : asked);
    return new Owned(Resource.experiment(id), () -> permissions.ownerOf(id));
  }

  private Owned model(String name) {
    // What is not there is denied as what is, where one may not read all.
    return registry
        .find(name)
        .map(entry -> new Owned(entry.resource(), entry::owner))
        .orElseGet(
            () -> new Owned(new Resource(ResourceKind.REGISTERED_MODEL, ""), Optional::empty));
  }

  private static Owned all(ResourceKind kind) {
    return new Owned(Resource.all(kind), Optional::empty);
  }

  private static ResourceKind madeKind(Call call) {
    Message request = call.message(List.of(messages("tags", text("key"), text("value"))));
    return Registry.kind(request.pairs("tags"));
  }

  private static String said(Call call, Field field) {
    return call.message(List.of(field)).text(field.name());
  }

  private static Stream<String> listed(Call call, String field) {
    return call.message(List.of(texts(field))).texts(field).stream();
  }

  private static Stream<String> asked(Call call, String name) {
    return call.query().getOrDefault(name, List.of()).stream();
  }

  private static String run(Call call) {
    return RunRoutes.id(call.message(List.of(RUN, OLD_RUN)));
  }

  /** To add an artifact in the UI takes the older name alone. */
  private static String askedRun(Call call) {
    return (call.method().equals("GET") ? call.asked("run_id") : Optional.<String>empty())
        .or(() -> call.asked("run_uuid"))
        .orElse("");
  }

  private String ofRun(String id) {
    return runs.of(id).orElseThrow(MlflowException::denied);
  }

  private static String ofModel(String id) {
    return ModelId.parse(id).map(ModelId::experimentId).orElseThrow(MlflowException::denied);
  }

  private String ofTrace(String id) {
    return traces
        .find(id)
        .map(TraceRoutes.Place::experimentId)
        .orElseThrow(MlflowException::denied);
  }

  /** Artifacts begin with their experiment, unless that has a location of its own. */
  private static String ofPath(String path) {
    return Artifacts.path(path).experiment().orElseThrow(MlflowException::denied);
  }

  private Stream<String> byName(Call call) {
    // Clients that are told that there is none make one.
    return Stream.of(experiments.byName(said(call, text("experiment_name"))).id());
  }

  private static Stream<String> locations(Call call) {
    return call.message(List.of(messages("locations", LOCATION))).messages("locations").stream()
        .flatMap(location -> location.message("mlflow_experiment").stream())
        .map(experiment -> experiment.text("experiment_id"));
  }

  /** Metrics may be those of models, which lie in other experiments. */
  private Stream<String> runAndModels(Call call) {
    Message request =
        call.message(
            List.of(RUN, OLD_RUN, MODEL, messages("metrics", MODEL), messages("models", MODEL)));
    Stream<String> models =
        Stream.concat(
                Stream.of(request),
                Stream.of("metrics", "models").flatMap(list -> request.messages(list).stream()))
            .flatMap(each -> each.given("model_id").stream())
            .distinct();
    return Stream.concat(Stream.of(ofRun(RunRoutes.id(request))), models.map(Subjects::ofModel));
  }

  private Stream<String> runOrModel(Call call) {
    Message request = call.message(List.of(RUN, MODEL));
    return Stream.concat(
        request.given("run_id").map(this::ofRun).stream(),
        request.given("model_id").map(Subjects::ofModel).stream());
  }

  /** One operation looks into its message, and not at the path. */
  private static Stream<String> loggedModel(Call call) {
    return Stream.concat(
            Stream.of(call.parameter("id")),
            call.message(List.of(MODEL)).given("model_id").stream())
        .map(Subjects::ofModel);
  }

  /** The files are where a tag says, which clients can change. */
  private Stream<String> askedTrace(Call call) {
    TraceRoutes.Place place =
        traces.find(call.asked("request_id").orElse("")).orElseThrow(MlflowException::denied);
    boolean within =
        place.location().startsWith(experiments.get(place.experimentId()).location() + "/");
    return within ? Stream.of(place.experimentId()) : Stream.empty();
  }

  /** One that is there already may be moved. */
  private Stream<String> startedTrace(Call call) {
    Field info = message("trace_info", text("trace_id"), message("trace_location", LOCATION));
    Message trace =
        call.message(List.of(message("trace", info)))
            .message("trace")
            .flatMap(each -> each.message("trace_info"))
            .orElseGet(Message::empty);
    Stream<String> to =
        trace
            .message("trace_location")
            .flatMap(location -> location.message("mlflow_experiment"))
            .map(experiment -> experiment.text("experiment_id"))
            .stream();
    Stream<String> from =
        traces.find(trace.text("trace_id")).map(TraceRoutes.Place::experimentId).stream();
    return Stream.concat(to, from);
  }

  /** Whoever makes a version of something shows it to all who may read the version. */
  private List<Owned> versionSources(Call call) {
    Message request = call.message(List.of(text("name"), text("source"), RUN, MODEL));
    String source = request.text("source");
    Owned target = model(request.text("name"));
    Registry.SourceModel named = Registry.modelOf(source);
    if (named.registered().isPresent()) {
      return List.of(target, model(named.registered().get()));
    }
    Stream<String> from =
        Stream.of(
                request.given("run_id").map(this::ofRun),
                request.given("model_id").map(Subjects::ofModel),
                named.logged().map(Subjects::ofModel),
                artifacts
                    .find(source)
                    .map(path -> path.experiment().orElseThrow(MlflowException::denied)))
            .flatMap(Optional::stream);
    return Stream.concat(Stream.of(target), from.distinct().map(this::experiment)).toList();
  }
}
