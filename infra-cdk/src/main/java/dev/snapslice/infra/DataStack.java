package dev.snapslice.infra;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awscdk.App;
import software.amazon.awscdk.ArnComponents;
import software.amazon.awscdk.ArnFormat;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.dynamodb.Attribute;
import software.amazon.awscdk.services.dynamodb.AttributeType;
import software.amazon.awscdk.services.dynamodb.BillingMode;
import software.amazon.awscdk.services.dynamodb.PointInTimeRecoverySpecification;
import software.amazon.awscdk.services.dynamodb.Table;
import software.amazon.awscdk.services.dynamodb.TableEncryption;
import software.amazon.awscdk.services.iam.IRole;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.kms.KeySpec;
import software.amazon.awscdk.services.kms.KeyUsage;

/**
 * What must survive: the tables, the artifacts, the queues, the key that secrets are derived from,
 * and the people who sign in.
 */
final class DataStack extends Stack {
  private final Table index;
  private final Table catalog;
  private final Table tracking;
  private final ArtifactBucket artifacts;
  private final DeadLetteredQueue events;
  private final DeadLetteredQueue tasks;
  private final DeadLetteredQueue webhooks;
  private final Key secretsKey;
  private final Key webhooksKey;
  private final Optional<People> people;
  private final RemovalPolicy removal;
  private final boolean protect;
  private final String defaultPermission;

  DataStack(App app, StackProps properties, Settings settings) {
    super(app, "Data", properties);
    protect = settings.protect();
    defaultPermission = settings.defaultPermission();
    removal = protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    // A table of the older type: moto's CloudFormation does not know GlobalTable.
    index = table("Index", AttributeType.BINARY).build();
    catalog = table("Catalog", AttributeType.STRING).timeToLiveAttribute("expires").build();
    tracking = table("Tracking", AttributeType.STRING).build();
    artifacts = new ArtifactBucket(this, "Artifacts", removal);
    events = new DeadLetteredQueue(this, "Events", FunctionsStack.INGEST_TIMEOUT);
    tasks = new DeadLetteredQueue(this, "Tasks", FunctionsStack.TASKS_TIMEOUT);
    webhooks = new DeadLetteredQueue(this, "Webhooks", MlflowStack.WEBHOOKS_TIMEOUT);
    letBucketsSend(
        Stream.concat(Stream.of(getAccount()), settings.bucketAccounts().stream()).toList());
    // Rotation does not exist for HMAC keys, and would invalidate every secret derived from this.
    secretsKey =
        Key.Builder.create(this, "Secrets")
            .description("Snapslice derives and checks access keys and tokens with it")
            .keySpec(KeySpec.HMAC_256)
            .keyUsage(KeyUsage.GENERATE_VERIFY_MAC)
            .removalPolicy(removal)
            .build();
    // The one above signs only: what it encrypted, whoever may sign could read.
    webhooksKey =
        Key.Builder.create(this, "WebhooksKey")
            .description("Snapslice encrypts the secrets of MLflow's webhooks with it")
            .enableKeyRotation(true)
            .removalPolicy(removal)
            .build();
    people =
        settings
            .people()
            .filter(asked -> asked.provider().isEmpty())
            .map(asked ->
                new People(
                    this,
                    "People",
                    settings.name().toLowerCase(Locale.ROOT),
                    asked,
                    protect,
                    removal));
    output("IndexTable", "DynamoDB table of the time index", index.getTableName());
    output("CatalogTable", "DynamoDB table of buckets, labels, keys", catalog.getTableName());
    output("TrackingTable", "DynamoDB table of MLflow", tracking.getTableName());
    output("ArtifactBucket", "S3 bucket of MLflow's artifacts", artifacts.name());
    output("EventsQueueUrl", "takes S3 events", events.queue().getQueueUrl());
    output("EventsQueueArn", "what a bucket's notifications name", events.queue().getQueueArn());
    output("EventsDlqUrl", "S3 events that failed", events.deadLetters().getQueueUrl());
    output("TasksQueueUrl", "takes maintenance tasks", tasks.queue().getQueueUrl());
    output("TasksDlqUrl", "maintenance tasks that failed", tasks.deadLetters().getQueueUrl());
    output("WebhooksQueueUrl", "takes what webhooks are told", webhooks.queue().getQueueUrl());
    output("WebhooksDlqUrl", "what webhooks did not take", webhooks.deadLetters().getQueueUrl());
    output("KeyId", "KMS key that secrets are derived from", secretsKey.getKeyId());
  }

  private Table.Builder table(String id, AttributeType sortKey) {
    return Table.Builder.create(this, id)
        .partitionKey(Attribute.builder().name("pk").type(AttributeType.STRING).build())
        .sortKey(Attribute.builder().name("sk").type(sortKey).build())
        .billingMode(BillingMode.PAY_PER_REQUEST)
        .encryption(TableEncryption.AWS_MANAGED)
        .pointInTimeRecoverySpecification(
            PointInTimeRecoverySpecification.builder().pointInTimeRecoveryEnabled(true).build())
        .deletionProtection(protect)
        .removalPolicy(removal);
  }

  /**
   * Lets S3, and the rules by which EventBridge stands in for it, send to the events queue.
   *
   * @see <a
   *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html">S3</a>
   * @see <a
   *     href="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sqs-permissions">EventBridge</a>
   */
  private void letBucketsSend(List<String> accounts) {
    events
        .queue()
        .addToResourcePolicy(
            PolicyStatement.Builder.create()
                .sid("S3EventNotifications")
                .principals(List.of(new ServicePrincipal("s3.amazonaws.com")))
                .actions(List.of("sqs:SendMessage"))
                .resources(List.of(events.queue().getQueueArn()))
                .conditions(Map.of("StringEquals", Map.of("aws:SourceAccount", accounts)))
                .build());
    events
        .queue()
        .addToResourcePolicy(
            PolicyStatement.Builder.create()
                .sid("EventBridgeRules")
                .principals(List.of(new ServicePrincipal("events.amazonaws.com")))
                .actions(List.of("sqs:SendMessage"))
                .resources(List.of(events.queue().getQueueArn()))
                .conditions(
                    Map.of(
                        "ArnLike",
                        Map.of("aws:SourceArn", accounts.stream().map(this::rules).toList())))
                .build());
  }

  /** The rules that enabling a bucket may make, in the region of this queue. */
  private String rules(String account) {
    return formatArn(
        ArnComponents.builder()
            .service("events")
            .account(account)
            .resource("rule")
            .resourceName(BucketAccess.RULE_PREFIX + "*")
            .arnFormat(ArnFormat.SLASH_RESOURCE_NAME)
            .build());
  }

  /** What core's {@code Installation} reads. */
  Map<String, String> variables() {
    return Map.of(
        "SNAPSLICE_DEFAULT_PERMISSION", defaultPermission,
        "SNAPSLICE_INDEX_TABLE", index.getTableName(),
        "SNAPSLICE_CATALOG_TABLE", catalog.getTableName(),
        "SNAPSLICE_TRACKING_TABLE", tracking.getTableName(),
        "SNAPSLICE_EVENTS_QUEUE_URL", events.queue().getQueueUrl(),
        "SNAPSLICE_EVENTS_QUEUE_ARN", events.queue().getQueueArn(),
        "SNAPSLICE_EVENTS_DLQ_URL", events.deadLetters().getQueueUrl(),
        "SNAPSLICE_TASKS_QUEUE_URL", tasks.queue().getQueueUrl(),
        "SNAPSLICE_KEY_ID", secretsKey.getKeyId(),
        "SNAPSLICE_SETTLE_SECONDS", "5");
  }

  /** Lets a role see how far behind the events queue is, which holds indexed-through back. */
  void grantHealth(IRole role) {
    events.queue().grant(role, "sqs:GetQueueAttributes");
    events.deadLetters().grant(role, "sqs:GetQueueAttributes");
    // CloudWatch has no resources to name for reading metrics.
    role.addToPrincipalPolicy(
        PolicyStatement.Builder.create()
            .actions(List.of("cloudwatch:GetMetricData"))
            .resources(List.of("*"))
            .build());
    Reasons.wildcard(role, "\\*", "CloudWatch's metrics are no resources to be named.");
  }

  /** Lets a role know where webhooks are. */
  void grantWebhooks(IRole role) {
    grant(role, tracking, List.of("dynamodb:GetItem"), List.of("webhooks"));
  }

  /** Lets a role know the moments of runs: their partitions have such names (core's RunMoments). */
  void grantRuns(IRole role) {
    grant(role, tracking, List.of("dynamodb:GetItem"), List.of("run#*"));
  }

  /** Lets a role know who may do what in MLflow (core's Permissions and RunExperiments). */
  void grantPermissions(IRole role) {
    grant(
        role,
        tracking,
        List.of("dynamodb:GetItem", "dynamodb:Query"),
        List.of("mlflow-users", "mlflow-roles", "experiments"));
  }

  /** Lets a role know what runs have read, too, and which made versions of models (RunInputs). */
  void grantInputs(IRole role) {
    grant(
        role,
        tracking,
        List.of("dynamodb:GetItem", "dynamodb:Query"),
        List.of("run#*", "registered-models", "model-versions"));
  }

  /** Lets a role know which buckets and labels there are (core's BucketCatalog and Labels). */
  void grantNames(IRole role) {
    grant(role, catalog, List.of("dynamodb:GetItem"), List.of("buckets", "labels#*"));
  }

  /** Lets a role begin, look at and end sessions of browsers (core's Credentials). */
  void grantSessions(IRole role) {
    grant(
        role,
        catalog,
        List.of("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
        List.of("credentials#sessions"));
  }

  /** Lets a role make API tokens and access keys (core's Credentials). */
  void grantIssuing(IRole role) {
    grant(
        role,
        catalog,
        List.of("dynamodb:PutItem"),
        List.of("credentials#tokens", "credentials#access-keys"));
  }

  private static void grant(
      IRole role, Table table, List<String> actions, List<String> partitions) {
    role.addToPrincipalPolicy(
        PolicyStatement.Builder.create()
            .actions(actions)
            .resources(List.of(table.getTableArn()))
            .conditions(
                Map.of("ForAllValues:StringLike", Map.of("dynamodb:LeadingKeys", partitions)))
            .build());
  }

  private void output(String id, String what, String value) {
    CfnOutput.Builder.create(this, id).description(what).value(value).build();
  }

  Table index() {
    return index;
  }

  Table catalog() {
    return catalog;
  }

  Table tracking() {
    return tracking;
  }

  ArtifactBucket artifacts() {
    return artifacts;
  }

  DeadLetteredQueue events() {
    return events;
  }

  DeadLetteredQueue tasks() {
    return tasks;
  }

  DeadLetteredQueue webhooks() {
    return webhooks;
  }

  Key webhooksKey() {
    return webhooksKey;
  }

  Key secretsKey() {
    return secretsKey;
  }

  /** Empty where they are another provider's. */
  Optional<People> people() {
    return people;
  }
}
