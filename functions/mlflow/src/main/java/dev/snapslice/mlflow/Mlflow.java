package dev.snapslice.mlflow;

import dev.snapslice.core.access.ForbiddenException;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.artifact.ArtifactStore;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.install.Lazy;
import dev.snapslice.core.label.Labels;
import dev.snapslice.core.permission.Permissions;
import dev.snapslice.core.run.RunMoments;
import dev.snapslice.core.view.NamedViews;
import dev.snapslice.mlflow.artifacts.ArtifactRoutes;
import dev.snapslice.mlflow.artifacts.Artifacts;
import dev.snapslice.mlflow.datasets.DatasetRoutes;
import dev.snapslice.mlflow.datasets.Datasets;
import dev.snapslice.mlflow.datasets.Records;
import dev.snapslice.mlflow.graphql.GraphqlRoutes;
import dev.snapslice.mlflow.models.LoggedModels;
import dev.snapslice.mlflow.models.ModelArtifactRoutes;
import dev.snapslice.mlflow.models.ModelRoutes;
import dev.snapslice.mlflow.permissions.PermissionRoutes;
import dev.snapslice.mlflow.permissions.RouteRules;
import dev.snapslice.mlflow.permissions.Subjects;
import dev.snapslice.mlflow.protocol.Call;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.protocol.Reply;
import dev.snapslice.mlflow.protocol.Routes;
import dev.snapslice.mlflow.registry.Registry;
import dev.snapslice.mlflow.scorers.ScorerRoutes;
import dev.snapslice.mlflow.scorers.Scorers;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.traces.TraceRoutes;
import dev.snapslice.mlflow.tracking.DatasetViews;
import dev.snapslice.mlflow.tracking.Experiment;
import dev.snapslice.mlflow.tracking.ExperimentRoutes;
import dev.snapslice.mlflow.tracking.Experiments;
import dev.snapslice.mlflow.tracking.MetricRoutes;
import dev.snapslice.mlflow.tracking.ModelMetrics;
import dev.snapslice.mlflow.tracking.RunRoutes;
import dev.snapslice.mlflow.tracking.Runs;
import dev.snapslice.mlflow.webhooks.Announcements;
import dev.snapslice.mlflow.webhooks.WebhookRoutes;
import dev.snapslice.runtime.AwsClients;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** All operations of MLflow's REST API, and who may ask for them. Thread-safe. */
final class Mlflow {
  /** Whose API this is: clients ask for it, and some behave accordingly. */
  static final String VERSION = "3.17.2";

  private final Routes open = new Routes();
  private final Routes routes = new Routes();
  private final Routes missing = new Routes();
  private final Experiments experiments;
  private final Artifacts artifacts;
  private final Permissions permissions;
  private final RouteRules rules;
  private final GraphqlRoutes graphql = new GraphqlRoutes(this::answer);

  /** Over the services of AWS. */
  static Mlflow of(MlflowSettings settings, AwsClients aws) {
    DynamoDbClient dynamo = aws.client(DynamoDbClient::builder).get();
    TrackingTable table = new TrackingTable(dynamo, settings.trackingTable());
    InstantSource clock = InstantSource.system();
    Telling telling = Telling.of(settings, table, aws, clock);
    return new Mlflow(
        table,
        new Permissions(dynamo, settings.trackingTable(), settings.defaultPermission(), clock),
        views(settings, dynamo),
        artifacts(settings, aws),
        settings.artifactRoot(),
        telling.announcements(),
        telling.routes(),
        clock,
        new SecureRandom());
  }

  private static DatasetViews views(MlflowSettings settings, DynamoDbClient dynamo) {
    InstantSource clock = InstantSource.system();
    RunMoments runs = new RunMoments(dynamo, settings.trackingTable());
    return new DatasetViews(
        new BucketCatalog(dynamo, settings.catalogTable(), clock),
        new NamedViews(new Labels(dynamo, settings.catalogTable()), runs::get),
        settings.proxyDomain(),
        clock);
  }

  /** Where artifacts are, over the services of AWS. */
  static Artifacts artifacts(MlflowSettings settings, AwsClients aws) {
    Lazy<S3Client> s3 = aws.client(() -> S3Client.builder().forcePathStyle(settings.local()));
    Lazy<S3Presigner> presigner =
        new Lazy<>(() ->
            S3Presigner.builder()
                .serviceConfiguration(
                    S3Configuration.builder().pathStyleAccessEnabled(settings.local()).build())
                .build());
    return new Artifacts(new ArtifactStore(settings.artifacts(), s3), presigner);
  }

  Mlflow(
      TrackingTable table,
      Permissions permissions,
      DatasetViews views,
      Artifacts artifacts,
      String artifactRoot,
      Announcements announcements,
      WebhookRoutes webhooks,
      InstantSource clock,
      RandomGenerator random) {
    this.artifacts = artifacts;
    this.permissions = permissions;
    experiments = new Experiments(table, artifactRoot, clock, random);
    open.add("GET", "/health", call -> Reply.text("OK"));
    open.add("GET", "/version", call -> Reply.text(VERSION));
    new ExperimentRoutes(experiments, uri -> artifacts.find(uri).isPresent(), permissions)
        .addTo(routes);
    Runs runs = new Runs(table, experiments, clock, random);
    new RunRoutes(experiments, runs, new ModelMetrics(table), views, permissions).addTo(routes);
    LoggedModels models = new LoggedModels(table, clock, random);
    new ModelRoutes(experiments, models, permissions).addTo(routes);
    new ModelArtifactRoutes(models, artifacts).addTo(routes);
    new MetricRoutes(runs).addTo(routes);
    new ArtifactRoutes(runs, id -> models.get(id).location(), artifacts).addTo(routes);
    Registry registry =
        new Registry(table, runs, models, artifacts, permissions, announcements, clock, random);
    registry.addTo(routes);
    webhooks.addTo(routes);
    Datasets datasets = new Datasets(table, clock, random);
    new DatasetRoutes(experiments, datasets, new Records(table, datasets, clock)).addTo(routes);
    new ScorerRoutes(experiments, new Scorers(table, clock, random), permissions).addTo(routes);
    TraceRoutes traces = new TraceRoutes(table, experiments, artifacts, permissions, clock, random);
    traces.addTo(routes);
    new PermissionRoutes(table, permissions, experiments, registry, random).addTo(routes);
    graphql.addTo(routes);
    MissingRoutes.addTo(missing);
    rules =
        new RouteRules(
            new Subjects(
                permissions,
                runs.whereabouts(),
                experiments,
                registry,
                traces,
                datasets,
                artifacts));
  }

  /** Loads what the first request would. */
  void prime() {
    experiments.get(Experiment.DEFAULT_ID);
    artifacts.prime();
    graphql.prime();
  }

  /** The routes that are for administrators alone, as they have no rule of their own. */
  Stream<String> unruled() {
    return routes.all().filter(route -> !rules.know(route)).map(Routes.Route::name);
  }

  /** All others. */
  Stream<String> ruled() {
    return routes.all().filter(rules::know).map(Routes.Route::name);
  }

  /** Those that change something, whoever may. */
  Stream<String> writing() {
    return routes.all().filter(route -> !route.reads()).map(Routes.Route::name);
  }

  /**
   * Answers a request.
   *
   * @throws MlflowException if it is refused
   */
  Reply answer(Call call) {
    if (call.path().equals("/health") || call.path().equals("/version")) {
      return open.find(call).answer();
    }
    Optional<Routes.Found> there = routes.lookUp(call);
    Routes.Found found = there.orElseGet(() -> missing.find(call));
    try {
      call.caller().checkMlflow(found.route().reads() ? Role.READER : Role.WRITER);
    } catch (ForbiddenException e) {
      throw new MlflowException(Code.PERMISSION_DENIED, e.getMessage());
    }
    if (there.isPresent()) {
      rules.check(found, permissions.of(call.caller()));
    }
    return found.answer();
  }
}
