package dev.snapslice.mlflow.registry;

import dev.snapslice.mlflow.models.LoggedModels;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.registry.ModelVersions.Found;
import dev.snapslice.mlflow.tracking.Run;
import dev.snapslice.mlflow.tracking.Runs;
import dev.snapslice.mlflow.tracking.Stage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Of what versions are made: checks that whoever names a place may do so, and finds where the
 * artifacts are. Thread-safe.
 */
final class Sources {
  private static final String RUN_ID = "run_id";
  private static final String MODEL_ID = "model_id";
  private static final Set<String> OF_PROMPTS = Set.of("dummy-source", "prompt-template");

  private final RegisteredModels models;
  private final ModelVersions versions;
  private final Runs runs;
  private final LoggedModels logged;

  Sources(RegisteredModels models, ModelVersions versions, Runs runs, LoggedModels logged) {
    this.models = models;
    this.versions = versions;
    this.runs = runs;
    this.logged = logged;
  }

  /**
   * Of what a version is made.
   *
   * @param runId empty where none was told, which is another thing than an empty one
   * @param modelId the same
   */
  record Origin(String source, Optional<String> runId, Optional<String> modelId) {
    private SourceUri uri() {
      return SourceUri.parse(source);
    }

    private boolean is(Optional<String> id, String other) {
      return id.filter(other::equals).isPresent();
    }
  }

  /**
   * Checks a prompt's source, which is none.
   *
   * @throws MlflowException if it is one
   */
  static void checkPrompt(String source) {
    if (!OF_PROMPTS.contains(source)) {
      throw MlflowException.invalid(
          "Invalid prompt source: '%s'. Prompt sources must use an MLflow placeholder."
              .formatted(source));
    }
  }

  /**
   * Checks what was asked for, and tells it with the version that it names instead of a stage or an
   * alias, and with that one's run.
   *
   * @throws MlflowException if a version may not be made of it
   */
  Origin check(Origin asked) {
    if (asked.uri().choosesHost()) {
      throw MlflowException.invalid(
          "'source' cannot use the '%s' scheme: it names a host.".formatted(asked.uri().scheme()));
    }
    Origin origin = resolved(asked);
    SourceUri uri = origin.uri();
    Optional<String> modelId = given(origin.modelId());
    String needed = modelId.isPresent() ? MODEL_ID : RUN_ID;
    if (uri.isRemoteFile()) {
      throw new MlflowException(
          Code.INTERNAL_ERROR,
          ("%s is not a valid remote uri. For remote access on windows, please consider using a "
                  + "different scheme such as SMB (e.g. smb://<hostname>/<path>).")
              .formatted(origin.source()));
    }
    if (uri.isLocal()) {
      checkLocal(origin, needed);
      return origin;
    }
    if (!uri.isStraight()) {
      throw MlflowException.invalid(
          ("Invalid model version source: '%s'. If supplying a source as an http, https, local "
                  + "file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be "
                  + "provided without relative path references present. Please provide an absolute "
                  + "path.")
              .formatted(origin.source()));
    }
    if (uri.scheme().equals("runs")) {
      boolean runs = modelId.isEmpty() && uri.authority().isEmpty();
      if (!runs || !origin.is(given(origin.runId()), uri.path().split("/", -1)[1])) {
        throw invalid(origin.source(), needed);
      }
    } else if (uri.scheme().equals("models")) {
      ModelUri named = named(origin.source());
      if (named.kind() == ModelUri.Kind.LOGGED && !origin.is(modelId, named.name())) {
        throw invalid(origin.source(), MODEL_ID);
      }
    } else if (uri.isOfTrackingServer()) {
      if (root(origin, needed).filter(root -> uri.isWithin(SourceUri.parse(root))).isEmpty()) {
        throw invalid(origin.source(), needed);
      }
    }
    return origin;
  }

  private static Optional<String> given(Optional<String> id) {
    return id.filter(text -> !text.isEmpty());
  }

  private static MlflowException invalid(String source, String needed) {
    return MlflowException.invalid(
        ("Invalid model version source: '%s'. The %s request parameter must identify the resource "
                + "that contains the source.")
            .formatted(source, needed));
  }

  private static ModelUri named(String source) {
    return ModelUri.parse(SourceUri.parse(source)).orElseThrow(() -> invalid(source, MODEL_ID));
  }

  /** Where the logged model, or else the run, that was told keeps its artifacts. */
  private Optional<String> root(Origin origin, String needed) {
    if (needed.equals(MODEL_ID)) {
      return Optional.of(
          logged(origin.modelId().orElseThrow())
              .orElseThrow(() -> invalid(origin.source(), needed))
              .location());
    }
    try {
      return given(origin.runId()).map(runs::get).map(Run::location);
    } catch (MlflowException e) {
      throw e.code() == Code.RESOURCE_DOES_NOT_EXIST ? invalid(origin.source(), needed) : e;
    }
  }

  private void checkLocal(Origin origin, String needed) {
    Optional<String> root = root(origin, needed);
    SourceUri uri = origin.uri();
    boolean within =
        root.map(SourceUri::parse)
            .filter(SourceUri::isLocal)
            .filter(folder -> path(uri).startsWith(path(folder)))
            .isPresent();
    if (!within) {
      throw MlflowException.invalid(
          ("Invalid model version source: '%s'. To use a local path as a model version source, the "
                  + "%s request parameter has to be specified and the local path has to be contained "
                  + "within the artifact directory of the run specified by the %s.")
              .formatted(root.isPresent() ? path(uri) : origin.source(), needed, needed));
    }
  }

  /** A path without detours; there are no folders here that could be links. */
  private static Path path(SourceUri local) {
    return Path.of("/").resolve(SourceUri.unescaped(local.path()).replace("\0", "")).normalize();
  }

  /** What a URI of a registered model stands for just now. */
  private Origin resolved(Origin asked) {
    SourceUri uri = asked.uri();
    if (!uri.scheme().equals("models")) {
      return asked;
    }
    if (!uri.authority().isEmpty()) {
      throw MlflowException.invalid(
          ("Invalid model version source: '%s'. Registered model sources must use the active model "
                  + "registry.")
              .formatted(asked.source()));
    }
    ModelUri named = named(asked.source());
    if (named.kind() == ModelUri.Kind.LOGGED) {
      return asked;
    }
    if (models.get(named.name()).isPrompt()) {
      throw MlflowException.invalid(
          ("Invalid model version source: '%s'. Prompt versions cannot be used as model version "
                  + "sources.")
              .formatted(asked.source()));
    }
    ModelVersion version = version(named);
    boolean otherRun =
        asked.runId().filter(id -> !id.equals(version.runId().orElse(""))).isPresent();
    if (otherRun || given(asked.modelId()).isPresent()) {
      throw MlflowException.invalid(
          ("Invalid model version source: '%s'. The run_id and model_id request parameters must "
                  + "match the referenced model version.")
              .formatted(asked.source()));
    }
    return new Origin(
        "models:/%s/%d".formatted(named.name(), version.number()),
        asked.runId().or(version::runId),
        asked.modelId());
  }

  private ModelVersion version(ModelUri named) {
    return switch (named.kind()) {
      case VERSION -> versions.get(named.name(), Names.version(named.which())).version();
      case ALIAS -> versions.byAlias(named.name(), named.which()).version();
      case STAGE -> newest(named.name(), List.of(ModelStage.parse(named.which())));
      default -> newest(named.name(), ModelStage.ALL);
    };
  }

  private ModelVersion newest(String name, List<ModelStage> stages) {
    return ModelVersions.newest(versions.latest(name, stages))
        .map(Found::version)
        .orElseThrow(() ->
            new MlflowException(
                Code.INTERNAL_ERROR,
                "No versions of model with name '%s'%s found"
                    .formatted(
                        name,
                        stages.size() > 1
                            ? ""
                            : " and stage '%s'".formatted(stages.getFirst().word()))));
  }

  /**
   * Where the artifacts of what was checked are.
   *
   * @throws MlflowException if nobody knows
   */
  LoggedSource find(Origin origin) {
    Optional<String> run = given(origin.runId());
    if (origin.uri().scheme().equals("models")) {
      ModelUri named = named(origin.source());
      if (named.kind() == ModelUri.Kind.VERSION) {
        return new LoggedSource(version(named).location(), origin.runId());
      }
      LoggedSource model =
          logged(named.name())
              .orElseThrow(() ->
                  new MlflowException(
                      Code.INTERNAL_ERROR,
                      "Unable to fetch model from model URI source artifact location '%s'."
                          .formatted(origin.source())));
      return new LoggedSource(model.location(), run.or(model::runId));
    }
    Optional<String> modelId = given(origin.modelId()).filter(id -> run.isEmpty());
    return modelId.isEmpty()
        ? new LoggedSource(origin.source(), Optional.of(run.orElse("")))
        : new LoggedSource(
            origin.source(),
            logged(modelId.get()).orElseThrow(() -> unknown(modelId.get())).runId());
  }

  /** One that is not deleted. */
  private Optional<LoggedSource> logged(String modelId) {
    return logged
        .find(modelId)
        .filter(model -> model.stage() == Stage.ACTIVE)
        .map(model ->
            new LoggedSource(
                model.location(), Optional.of(model.sourceRun()).filter(run -> !run.isEmpty())));
  }

  private static MlflowException unknown(String modelId) {
    return MlflowException.missing("Logged model with ID '%s' not found.".formatted(modelId));
  }
}
