package dev.snapslice.mlflow.models;

import static dev.snapslice.mlflow.protocol.Field.text;

import dev.snapslice.mlflow.artifacts.Artifacts;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import java.util.List;

/** The operations on what logged models keep. */
public final class ModelArtifactRoutes {
  private static final List<Field> LIST =
      List.of(text("artifact_directory_path"), text("page_token"));

  private final LoggedModels models;
  private final Artifacts artifacts;

  public ModelArtifactRoutes(LoggedModels models, Artifacts artifacts) {
    this.models = models;
    this.artifacts = artifacts;
  }

  /** Adds them all. */
  public void addTo(Routes routes) {
    String path = "/api/2.0/mlflow/logged-models/{id}/artifacts/";
    routes.add("GET", path + "directories", this::list).add("GET", path + "files", this::get);
  }

  private Reply list(Call call) {
    Message request = call.message(LIST);
    return artifacts.list(
        models.get(call.parameter("id")).location(),
        Artifacts.path(request.text("artifact_directory_path")),
        request.given("page_token"));
  }

  private Reply get(Call call) {
    String path =
        call.asked("artifact_file_path")
            .orElseThrow(() ->
                new MlflowException(
                    Code.BAD_REQUEST,
                    "Request must include the \"artifact_file_path\" query parameter."));
    return artifacts.send(models.get(call.parameter("id")).location(), Artifacts.path(path));
  }
}
