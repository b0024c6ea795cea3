package dev.snapslice.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.mlflow.api.proto.ModelRegistry.ModelVersion;
import org.mlflow.api.proto.Service.Experiment;
import org.mlflow.api.proto.Service.FileInfo;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Param;
import org.mlflow.api.proto.Service.Run;
import org.mlflow.api.proto.Service.RunInfo;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.api.proto.Service.ViewType;
import org.mlflow.tracking.ActiveRun;
import org.mlflow.tracking.ExperimentsPage;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowContext;
import org.mlflow.tracking.MlflowHttpException;
import org.mlflow.tracking.ModelVersionsPage;
import org.mlflow.tracking.RunsPage;
import org.mlflow.tracking.creds.BasicMlflowHostCreds;

/**
 * Does what a user of MLflow's own Java client does, and fails where the server does not answer as
 * MLflow's does.
 */
public final class MlflowJavaUser {
  private static final int STEPS = 1_500;

  private final MlflowClient client;
  private final String prefix = "java-" + UUID.randomUUID();

  private MlflowJavaUser(MlflowClient client) {
    this.client = client;
  }

  /**
   * Takes what to do, the server's URL, a folder for files, and a token if the server wants one.
   */
  public static void main(String[] arguments) throws Exception {
    String url = arguments[1];
    Optional<String> token = Stream.of(arguments).skip(3).findFirst();
    try (MlflowClient bearer = new MlflowClient(new BasicMlflowHostCreds(url, token.orElse(null)));
        MlflowClient password =
            new MlflowClient(
                new BasicMlflowHostCreds(
                    url, token.map(shown -> "anybody").orElse(null), token.orElse(null)))) {
      switch (arguments[0]) {
        case "track" -> {
          new MlflowJavaUser(bearer).tracks();
          new MlflowJavaUser(password).tracks();
        }
        case "keep-files" -> new MlflowJavaUser(bearer).keepsFiles(Path.of(arguments[2]), password);
        default -> throw new IllegalArgumentException("what is '" + arguments[0] + "'?");
      }
    }
  }

  private void tracks() {
    keepsExperiments();
    logsARun();
    logsWithAContext();
    findsRunsPageByPage();
    readsTheRegistry();
  }

  private void keepsExperiments() {
    String name = prefix + " ä";
    String id = client.createExperiment(name);
    client.setExperimentTag(id, "team", "films");
    client.renameExperiment(id, name + "2");

    Experiment kept = client.getExperiment(id);
    assertEquals(name + "2", kept.getName());
    assertEquals("team", kept.getTags(0).getKey());
    assertEquals("films", kept.getTags(0).getValue());
    assertEquals("active", kept.getLifecycleStage());
    assertEquals(id, client.getExperimentByName(name + "2").orElseThrow().getExperimentId());
    assertEquals(Optional.empty(), client.getExperimentByName(name));
    refused(400, "RESOURCE_ALREADY_EXISTS", () -> client.createExperiment(name + "2"));

    client.deleteExperiment(id);
    assertEquals(List.of(), ids(client.searchExperiments("name LIKE '" + prefix + "%'")));
    client.restoreExperiment(id);
    client.createExperiment(prefix + " other");
    ExperimentsPage first =
        client.searchExperiments(
            "name LIKE '" + prefix + "%'", ViewType.ALL, 1, List.of("name DESC"));
    assertTrue(first.hasNextPage());
    ExperimentsPage second = (ExperimentsPage) first.getNextPage();
    assertEquals(2, Set.of(ids(first), ids(second)).size());
    assertEquals(List.of(id), ids(first));
  }

  private void logsARun() {
    String experiment = client.createExperiment(prefix + " runs");
    RunInfo created = client.createRun(experiment);
    String run = created.getRunId();
    client.logParam(run, "depth", "3");
    client.logMetric(run, "loss", 0.5);
    client.setTag(run, "kind", "tree");
    client.setTag(run, "gone", "soon");
    client.deleteTag(run, "gone");
    client.logBatch(
        run,
        IntStream.range(0, 900).mapToObj(step -> metric("acc", step / 1e3, step)).toList(),
        List.of(Param.newBuilder().setKey("text").setValue("ä".repeat(500)).build()),
        List.of(RunTag.newBuilder().setKey("mlflow.note.content").setValue("# read me").build()));
    client.logBatch(
        run,
        IntStream.range(900, STEPS).mapToObj(step -> metric("acc", step / 1e3, step)).toList(),
        null,
        null);
    client.logMetric(run, "odd", Double.NaN, 1, 0);
    client.logMetric(run, "odd", Double.POSITIVE_INFINITY, 2, -1);
    refused(400, "Changing param values is not allowed", () -> client.logParam(run, "depth", "4"));
    client.setTerminated(run, RunStatus.FAILED, 1_800_000_000_000L);

    Run kept = client.getRun(run);
    assertEquals(RunStatus.FAILED, kept.getInfo().getStatus());
    assertEquals(1_800_000_000_000L, kept.getInfo().getEndTime());
    assertEquals(created.getStartTime(), kept.getInfo().getStartTime());
    assertEquals(experiment, kept.getInfo().getExperimentId());
    assertEquals(System.getProperty("user.name"), kept.getInfo().getUserId());
    assertFalse(kept.getInfo().getRunName().isEmpty());
    assertEquals(
        Map.of("depth", "3", "text", "ä".repeat(500)),
        kept.getData().getParamsList().stream()
            .collect(Collectors.toMap(Param::getKey, Param::getValue)));
    Map<String, Double> metrics =
        kept.getData().getMetricsList().stream()
            .collect(Collectors.toMap(Metric::getKey, Metric::getValue));
    assertEquals(Set.of("loss", "acc", "odd"), metrics.keySet());
    assertEquals(1.499, metrics.get("acc"));
    assertTrue(metrics.get("odd").isNaN());
    List<String> tags = kept.getData().getTagsList().stream().map(RunTag::getKey).toList();
    assertTrue(tags.contains("kind") && !tags.contains("gone"), tags::toString);
    List<Metric> history = client.getMetricHistory(run, "acc");
    assertEquals(
        IntStream.range(0, STEPS).boxed().toList(),
        history.stream().map(each -> (int) each.getStep()).sorted().toList());

    client.deleteRun(run);
    assertEquals("deleted", client.getRun(run).getInfo().getLifecycleStage());
    assertEquals(List.of(), client.listRunInfos(experiment));
    refused(400, "must be in the 'active' state", () -> client.logParam(run, "late", "1"));
    client.restoreRun(run);
    assertEquals(run, client.listRunInfos(experiment).getFirst().getRunId());
    refused(404, "RESOURCE_DOES_NOT_EXIST", () -> client.getRun("f".repeat(32)));
  }

  private void logsWithAContext() {
    String name = prefix + " context";
    MlflowContext context = new MlflowContext(client);
    assertThrows(IllegalArgumentException.class, () -> context.setExperimentName(name));
    String experiment = client.createExperiment(name);
    context.setExperimentName(name);
    assertEquals(experiment, context.getExperimentId());

    ActiveRun parent = context.startRun("parent");
    parent.logParams(Map.of("a", "1", "b", "2"));
    parent.logMetrics(Map.of("loss", 0.5, "acc", 0.25), 3);
    parent.setTags(Map.of("kind", "tree", "team", "films"));
    ActiveRun child = context.startRun("child", parent.getId());
    child.logMetric("loss", 0.125, 1);
    child.endRun();
    parent.endRun(RunStatus.KILLED);
    context.withActiveRun("done", run -> run.setTag("way", "closure"));
    context.withActiveRun(
        "broken",
        run -> {
          throw new IllegalStateException("of the test");
        });

    assertEquals(
        Map.of(
            "parent", RunStatus.KILLED,
            "child", RunStatus.FINISHED,
            "done", RunStatus.FINISHED,
            "broken", RunStatus.FAILED),
        client.listRunInfos(experiment).stream()
            .collect(Collectors.toMap(RunInfo::getRunName, RunInfo::getStatus)));
    assertEquals(
        List.of(child.getId()),
        found(experiment, "tags.mlflow.parentRunId = '" + parent.getId() + "'").getItems().stream()
            .map(run -> run.getInfo().getRunId())
            .toList());
  }

  private void findsRunsPageByPage() {
    String experiment = client.createExperiment(prefix + " search");
    List<String> runs = new ArrayList<>();
    for (int n = 0; n < 5; n++) {
      String run = client.createRun(experiment).getRunId();
      client.logMetric(run, "loss", n);
      client.logParam(run, "kind", n % 2 == 0 ? "even" : "odd");
      runs.add(run);
    }

    RunsPage page =
        client.searchRuns(
            List.of(experiment),
            "metrics.loss > 0 and params.kind LIKE '%'",
            ViewType.ACTIVE_ONLY,
            3,
            List.of("metrics.loss DESC"));
    assertTrue(page.hasNextPage());
    assertEquals(3, page.getPageSize());
    List<String> found = new ArrayList<>();
    page.getItems().forEach(run -> found.add(run.getInfo().getRunId()));
    page.getNextPage().getItems().forEach(run -> found.add(run.getInfo().getRunId()));
    assertFalse(page.getNextPage().hasNextPage());
    assertEquals(runs.subList(1, 5).reversed(), found);
    refused(400, "INVALID_PARAMETER_VALUE", () -> found(experiment, "nothing.at.all = 1"));
  }

  /** Makes models by requests of its own, as the client has no calls for that. */
  private void readsTheRegistry() {
    String model = prefix + " model";
    String run = client.createRun().getRunId();
    client.sendPost("registered-models/create", "{\"name\": \"" + model + "\"}");
    for (int version = 1; version <= 2; version++) {
      client.sendPost(
          "model-versions/create",
          """
          {"name": "%s", "source": "s3://somewhere/m%d", "run_id": "%s"}\
          """
              .formatted(model, version, run));
    }
    client.sendPost(
        "model-versions/transition-stage",
        """
        {"name": "%s", "version": "1", "stage": "Production"}\
        """
            .formatted(model));
    client.sendPatch(
        "model-versions/update",
        """
        {"name": "%s", "version": "2", "description": "better"}\
        """
            .formatted(model));

    assertEquals(2, client.getRegisteredModel(model).getLatestVersionsCount());
    assertEquals("better", client.getModelVersion(model, "2").getDescription());
    assertEquals(run, client.getModelVersion(model, "2").getRunId());
    assertEquals("s3://somewhere/m2", client.getModelVersionDownloadUri(model, "2"));
    assertEquals(Set.of("1", "2"), versions(client.getLatestVersions(model)));
    assertEquals(
        Set.of("1"), versions(client.getLatestVersions(model, List.of("Production", "Staging"))));
    ModelVersionsPage page =
        client.searchModelVersions("name = '" + model + "'", 1, List.of("version_number DESC"));
    assertEquals("2", page.getItems().getFirst().getVersion());
    assertTrue(page.hasNextPage());
    assertEquals(
        "1", ((ModelVersion) page.getNextPage().getItems().iterator().next()).getVersion());
    refused(404, "RESOURCE_DOES_NOT_EXIST", () -> client.getModelVersion(model, "3"));
  }

  /** Has other credentials read what it wrote; the client has MLflow's Python do all this. */
  private void keepsFiles(Path folder, MlflowClient reader) throws IOException {
    Path file = Files.writeString(folder.resolve("a b.txt"), "with a space");
    Path deep = Files.createDirectories(folder.resolve("tree/deep"));
    Files.write(deep.resolve("ä.bin"), new byte[] {0, -1, 1});
    Files.createFile(folder.resolve("tree/empty"));
    String experiment = client.createExperiment(prefix + " files");
    ActiveRun run = new MlflowContext(client).setExperimentId(experiment).startRun("files");

    run.logArtifact(file);
    run.logArtifact(file, "in/a folder");
    run.logArtifacts(folder.resolve("tree"), "tree");
    assertEquals(
        Map.of("a b.txt", 12L, "in", 0L, "tree", 0L), sizes(reader.listArtifacts(run.getId())));
    assertEquals(
        Map.of("tree/deep", 0L, "tree/empty", 0L),
        sizes(reader.listArtifacts(run.getId(), "tree")));
    File one = reader.downloadArtifacts(run.getId(), "in/a folder/a b.txt");
    assertEquals("with a space", Files.readString(one.toPath()));
    Path all = reader.downloadArtifacts(run.getId()).toPath();
    assertEquals(3, Files.readAllBytes(all.resolve("tree/deep/ä.bin")).length);
    assertEquals(0, Files.size(all.resolve("tree/empty")));

    String model = prefix + "-model";
    client.sendPost("registered-models/create", "{\"name\": \"" + model + "\"}");
    client.sendPost(
        "model-versions/create",
        """
        {"name": "%s", "source": "%s/tree", "run_id": "%s"}\
        """
            .formatted(model, run.getArtifactUri(), run.getId()));
    client.sendPost(
        "model-versions/transition-stage",
        """
        {"name": "%s", "version": "1", "stage": "Staging"}\
        """
            .formatted(model));
    Path version = reader.downloadLatestModelVersion(model, "Staging").toPath();
    assertEquals(3, Files.readAllBytes(version.resolve("deep/ä.bin")).length);
  }

  private RunsPage found(String experiment, String filter) {
    return client.searchRuns(List.of(experiment), filter, ViewType.ACTIVE_ONLY, 100);
  }

  private static Metric metric(String key, double value, long step) {
    return Metric.newBuilder().setKey(key).setValue(value).setTimestamp(step).setStep(step).build();
  }

  private static List<String> ids(ExperimentsPage page) {
    return page.getItems().stream().map(Experiment::getExperimentId).toList();
  }

  private static Set<String> versions(List<ModelVersion> versions) {
    return versions.stream().map(ModelVersion::getVersion).collect(Collectors.toSet());
  }

  private static Map<String, Long> sizes(List<FileInfo> files) {
    return files.stream().collect(Collectors.toMap(FileInfo::getPath, FileInfo::getFileSize));
  }

  private static void refused(int status, String why, Runnable call) {
    MlflowHttpException refusal = assertThrows(MlflowHttpException.class, call::run);
    assertEquals(status, refusal.getStatusCode(), refusal.getBodyMessage());
    assertTrue(refusal.getBodyMessage().contains(why), refusal.getBodyMessage());
  }
}
