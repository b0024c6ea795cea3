package dev.snapslice.infra;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.dynamodb.Table;
import software.amazon.awscdk.services.events.Rule;
import software.amazon.awscdk.services.events.Schedule;
import software.amazon.awscdk.services.events.targets.LambdaFunction;
import software.amazon.awscdk.services.lambda.eventsources.SqsEventSource;

/** The functions, what sets them off, and what each of them may do. */
final class FunctionsStack extends Stack {
  static final Duration INGEST_TIMEOUT = Duration.minutes(1);
  static final Duration TASKS_TIMEOUT = Duration.minutes(5);
  private static final Duration API_TIMEOUT = Duration.seconds(29);
  private static final int MOST_TASKS = 20; // at once; the rest of the account's runs are the API's

  static final String[] READ = {"dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"};
  static final String[] WRITE = {
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem"
  };

  private final Settings settings;
  private final DataStack data;
  private final LiveFunction ingest;
  private final LiveFunction tasks;
  private final LiveFunction schedule;
  private final LiveFunction api;
  private final LiveFunction authorizer;

  FunctionsStack(App app, StackProps properties, Settings settings, DataStack data) {
    super(app, "Functions", properties);
    this.settings = settings;
    this.data = data;
    // CDK lets a function depend on its role twice, by name and for the role's policy; W3005 minds.
    getTemplateOptions()
        .setMetadata(
            Map.of("cfn-lint", Map.of("config", Map.of("ignore_checks", List.of("W3005")))));
    ingest = ingest();
    tasks = tasks();
    schedule = schedule();
    api = api();
    authorizer = authorizer();
  }

  /** S3 events from the queue into the index. */
  private LiveFunction ingest() {
    var spec =
        new LiveFunction.Spec(
            "ingest",
            settings.jar("ingest"),
            "dev.snapslice.ingest.IngestHandler",
            INGEST_TIMEOUT,
            1769,
            settings.ingestConcurrency());
    LiveFunction function = function("Ingest", spec);
    // No more batches at once than reserved runs: throttled ones would end as dead letters.
    function
        .live()
        .addEventSource(
            SqsEventSource.Builder.create(data.events().queue())
                .batchSize(1000)
                .maxBatchingWindow(Duration.seconds(1))
                .reportBatchItemFailures(true)
                .maxConcurrency(settings.ingestConcurrency().orElse(null))
                .build());
    grant(data.index(), function, READ);
    grant(data.index(), function, WRITE);
    grant(data.catalog(), function, READ);
    grant(data.catalog(), function, "dynamodb:PutItem", "dynamodb:UpdateItem");
    data.tasks().queue().grant(function.function(), "sqs:SendMessage");
    return function;
  }

  /** Enable, backfill, reconcile, compact, restore, export: one task a run. */
  private LiveFunction tasks() {
    var spec =
        new LiveFunction.Spec(
            "tasks",
            settings.jar("maintenance"),
            "dev.snapslice.maintenance.TaskHandler",
            TASKS_TIMEOUT,
            1769,
            Optional.empty());
    LiveFunction function = function("Tasks", spec);
    function
        .live()
        .addEventSource(
            SqsEventSource.Builder.create(data.tasks().queue())
                .batchSize(1)
                .reportBatchItemFailures(true)
                .maxConcurrency(MOST_TASKS)
                .build());
    grant(data.index(), function, READ);
    grant(data.index(), function, WRITE);
    grant(data.catalog(), function, READ);
    grant(data.catalog(), function, WRITE);
    data.tasks().queue().grant(function.function(), "sqs:SendMessage");
    new BucketAccess(this, settings)
        .grantMaintain(function.function().getRole(), data.events().queue());
    return function;
  }

  /** Once a minute: moves buckets on, asks for reconciles that are due. */
  private LiveFunction schedule() {
    var spec =
        new LiveFunction.Spec(
            "schedule",
            settings.jar("maintenance"),
            "dev.snapslice.maintenance.ScheduleHandler",
            Duration.seconds(50),
            1024,
            Optional.empty());
    LiveFunction function = function("Schedule", spec);
    grant(data.catalog(), function, READ);
    grant(data.catalog(), function, WRITE);
    data.tasks().queue().grant(function.function(), "sqs:SendMessage");
    data.grantHealth(function.function().getRole());
    Rule.Builder.create(this, "EveryMinute")
        .description("Snapslice: what is due")
        .schedule(Schedule.rate(Duration.minutes(1)))
        .targets(List.of(LambdaFunction.Builder.create(function.live()).retryAttempts(0).build()))
        .build();
    return function;
  }

  /** The REST API. */
  private LiveFunction api() {
    var spec =
        new LiveFunction.Spec(
            "api",
            settings.jar("api"),
            "dev.snapslice.api.ApiHandler",
            API_TIMEOUT,
            1769,
            Optional.empty());
    LiveFunction function = function("Api", spec);
    grant(data.index(), function, READ);
    grant(data.catalog(), function, READ);
    grant(data.catalog(), function, WRITE);
    data.grantInputs(function.function().getRole());
    data.grantPermissions(function.function().getRole());
    data.tasks().queue().grant(function.function(), "sqs:SendMessage");
    data.events().queue().grant(function.function(), "sqs:SendMessage");
    data.secretsKey().grant(function.function(), "kms:GenerateMac", "kms:VerifyMac");
    data.grantHealth(function.function().getRole());
    new BucketAccess(this, settings).grantRead(function.function().getRole());
    return function;
  }

  /** Who shows a bearer token, and what may they do. */
  private LiveFunction authorizer() {
    var spec =
        new LiveFunction.Spec(
            "authorizer",
            settings.jar("api"),
            "dev.snapslice.api.AuthorizerHandler",
            Duration.seconds(10),
            1769,
            Optional.empty());
    LiveFunction function = function("Authorizer", spec);
    grant(data.catalog(), function, READ);
    data.secretsKey().grant(function.function(), "kms:GenerateMac", "kms:VerifyMac");
    return function;
  }

  private LiveFunction function(String id, LiveFunction.Spec spec) {
    var function = new LiveFunction(this, id, spec, data.variables());
    CfnOutput.Builder.create(this, id + "Function")
        .description("Lambda function " + spec.handler())
        .value(function.function().getFunctionName())
        .build();
    return function;
  }

  private static void grant(Table table, LiveFunction function, String... actions) {
    table.grant(function.function(), actions);
  }

  /** All of them. */
  List<LiveFunction> functions() {
    return List.of(ingest, tasks, schedule, api, authorizer);
  }

  LiveFunction apiHandler() {
    return api;
  }

  LiveFunction authorizerHandler() {
    return authorizer;
  }
}
