package dev.snapslice.infra;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.events.Rule;
import software.amazon.awscdk.services.events.Schedule;
import software.amazon.awscdk.services.events.targets.LambdaFunction;
import software.amazon.awscdk.services.lambda.eventsources.SqsEventSource;

/** MLflow: its functions, and an HTTP API for each way to say who is calling. */
final class MlflowStack extends Stack {
  private static final Duration TIMEOUT = Duration.seconds(29);
  private static final Duration MAINTENANCE_TIMEOUT = Duration.minutes(5);
  static final Duration WEBHOOKS_TIMEOUT = Duration.minutes(1);
  private static final int WEBHOOKS_AT_ONCE = 5;
  private static final String ARTIFACTS = "mlflow-artifacts:/"; // no host: runs outlive a move

  private final LiveFunction function;
  private final LiveFunction maintenance;
  private final LiveFunction webhooks;
  private final Map<String, RestApi> apis = new LinkedHashMap<>();

  MlflowStack(
      App app, StackProps properties, Settings settings, DataStack data, FunctionsStack functions) {
    super(app, "Mlflow", properties);
    // CDK lets a function depend on its role twice, by name and for the role's policy; W3005 minds.
    getTemplateOptions()
        .setMetadata(
            Map.of("cfn-lint", Map.of("config", Map.of("ignore_checks", List.of("W3005")))));
    function = function("Mlflow", "mlflow", "MlflowHandler", TIMEOUT, settings, data);
    data.artifacts().grant(function.function().getRole());
    data.grantNames(function.function().getRole());
    maintenance =
        function(
            "Maintenance",
            "mlflow-maintenance",
            "MaintenanceHandler",
            MAINTENANCE_TIMEOUT,
            settings,
            data);
    webhooks = webhooks(settings, data);
    // No more batches at once than reserved runs: throttled ones would end as dead letters.
    webhooks
        .live()
        .addEventSource(
            SqsEventSource.Builder.create(data.webhooks().queue())
                .batchSize(10)
                .reportBatchItemFailures(true)
                .maxConcurrency(WEBHOOKS_AT_ONCE)
                .build());
    data.webhooks().queue().grant(function.function(), "sqs:SendMessage");
    data.webhooks().queue().grant(maintenance.function(), "sqs:SendMessage");
    data.webhooksKey().grant(function.function(), "kms:Encrypt", "kms:Decrypt");
    data.webhooksKey().grant(webhooks.function(), "kms:Decrypt");
    data.artifacts().grantDeletion(maintenance.function().getRole());
    Rule.Builder.create(this, "EveryFiveMinutes")
        .description("Snapslice: packs MLflow's runs that have ended, removes what was deleted")
        .schedule(Schedule.rate(MAINTENANCE_TIMEOUT))
        .targets(
            List.of(LambdaFunction.Builder.create(maintenance.live()).retryAttempts(0).build()))
        .build();
    ApiStack.waysIn(functions)
        .forEach((id, way) -> {
          String name = "Mlflow" + id;
          RestApi api =
              new RestApi(
                  this,
                  name,
                  settings.name() + "-mlflow-" + id.toLowerCase(Locale.ROOT),
                  function.live(),
                  way,
                  ApiRoutes.MLFLOW);
          apis.put(name, api);
        });
    url("MlflowUrl", "MLFLOW_TRACKING_URI for tokens", "MlflowTokens");
    url("IamMlflowUrl", "MLFLOW_TRACKING_URI for MLFLOW_TRACKING_AWS_SIGV4", "MlflowSigned");
  }

  /** One that works on what MLflow keeps, and on nothing else. */
  private LiveFunction function(
      String id, String name, String handler, Duration timeout, Settings settings, DataStack data) {
    LiveFunction made =
        new LiveFunction(
            this,
            id,
            new LiveFunction.Spec(
                name,
                settings.jar("mlflow"),
                "dev.snapslice.mlflow." + handler,
                timeout,
                1769,
                Optional.empty()),
            variables(settings, data));
    data.tracking().grant(made.function(), FunctionsStack.READ);
    data.tracking().grant(made.function(), FunctionsStack.WRITE);
    return made;
  }

  /** Posts to webhooks; of MLflow's items it reads no others. */
  private LiveFunction webhooks(Settings settings, DataStack data) {
    LiveFunction made =
        new LiveFunction(
            this,
            "Webhooks",
            new LiveFunction.Spec(
                "mlflow-webhooks",
                settings.jar("mlflow"),
                "dev.snapslice.mlflow.WebhookHandler",
                WEBHOOKS_TIMEOUT,
                512,
                Optional.of(WEBHOOKS_AT_ONCE)),
            variables(settings, data));
    data.grantWebhooks(made.function().getRole());
    return made;
  }

  private static Map<String, String> variables(Settings settings, DataStack data) {
    var all = new HashMap<>(data.artifacts().variables());
    all.put("SNAPSLICE_TRACKING_TABLE", data.tracking().getTableName());
    all.put("SNAPSLICE_CATALOG_TABLE", data.catalog().getTableName());
    all.put("SNAPSLICE_WEBHOOKS_QUEUE_URL", data.webhooks().queue().getQueueUrl());
    all.put("SNAPSLICE_WEBHOOKS_KEY_ID", data.webhooksKey().getKeyId());
    all.put("SNAPSLICE_DEFAULT_PERMISSION", settings.defaultPermission());
    all.put("SNAPSLICE_DELETED_RUNS_DAYS", settings.deletedRunsDays());
    settings
        .fleet()
        .flatMap(fleet -> fleet.entrance().domain())
        .ifPresent(domain -> all.put("SNAPSLICE_PROXY_DOMAIN", domain));
    all.put("SNAPSLICE_ARTIFACT_ROOT", ARTIFACTS);
    return all;
  }

  private void url(String output, String description, String api) {
    CfnOutput.Builder.create(this, output)
        .description(description)
        .value(apis.get(api).url())
        .build();
  }

  List<LiveFunction> functions() {
    return List.of(function, maintenance, webhooks);
  }

  /** By what tells who is calling. */
  Map<String, RestApi> apis() {
    return apis;
  }
}
