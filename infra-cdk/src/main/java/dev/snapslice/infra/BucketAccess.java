package dev.snapslice.infra;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import software.amazon.awscdk.ArnComponents;
import software.amazon.awscdk.ArnFormat;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.IRole;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.sqs.IQueue;

/**
 * What functions and proxies may do to registered buckets. Which buckets these are is known only
 * when they are registered, so the resources are as narrow as {@link Settings} says; {@code
 * docs/security.md} has a reason for each action.
 */
final class BucketAccess {
  /** Begins the name of every EventBridge rule that enabling a bucket makes. */
  static final String RULE_PREFIX = "snapslice-";

  /** Begins the name of every role that reaches a bucket of another account. */
  private static final String ROLE_PREFIX = "snapslice-";

  /** Begins the name of every secret that holds the credentials of another store. */
  private static final String SECRET_PREFIX = "snapslice/";

  private final Stack stack;
  private final Settings settings;

  BucketAccess(Stack stack, Settings settings) {
    this.stack = stack;
    this.settings = settings;
  }

  /** Reads objects and their versions, as presigned URLs of the API do. */
  void grantRead(IRole role) {
    onBuckets(role, "s3:GetBucketVersioning", "s3:ListBucket");
    onObjects(role, "s3:GetObject", "s3:GetObjectVersion");
    onKeys(role, "kms:Decrypt");
    elsewhere(role);
  }

  /** Reads objects and their versions with all that S3 tells of them, as the read proxy does. */
  void grantServe(IRole role) {
    onBuckets(role, "s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:ListBucket");
    onObjects(
        role,
        "s3:GetObject",
        "s3:GetObjectAttributes",
        "s3:GetObjectTagging",
        "s3:GetObjectVersion",
        "s3:GetObjectVersionAttributes",
        "s3:GetObjectVersionTagging");
    onKeys(role, "kms:Decrypt");
    elsewhere(role);
  }

  /** Enables, lists, compares and restores. */
  void grantMaintain(IRole role, IQueue events) {
    onBuckets(
        role,
        "s3:GetBucketNotification",
        "s3:GetBucketVersioning",
        "s3:GetLifecycleConfiguration",
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "s3:PutBucketNotification",
        "s3:PutBucketVersioning");
    onObjects(
        role,
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:GetObject",
        "s3:GetObjectTagging",
        "s3:GetObjectVersion",
        "s3:GetObjectVersionTagging",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
        "s3:PutObjectTagging");
    onKeys(role, "kms:Decrypt", "kms:GenerateDataKey");
    elsewhere(role);
    rules(role, events);
  }

  private void onBuckets(IRole role, String... actions) {
    allow(role, settings.buckets().stream().map(this::bucketArn), actions);
    accept(
        role,
        "s3:::.*",
        "Users register buckets at run time; buckets=a,b narrows this to those named. Every key of"
            + " a bucket may have a history.");
  }

  private void onObjects(IRole role, String... actions) {
    allow(role, settings.buckets().stream().map(b -> bucketArn(b) + "/*"), actions);
  }

  private String bucketArn(String bucket) {
    return stack.formatArn(
        ArnComponents.builder()
            .service("s3")
            .region("")
            .account("")
            .resource(bucket)
            .arnFormat(ArnFormat.NO_RESOURCE_NAME)
            .build());
  }

  private void onKeys(IRole role, String... actions) {
    if (!settings.bucketKeys().isEmpty()) {
      allow(role, settings.bucketKeys().stream(), actions);
    }
  }

  /** Buckets of other accounts by role, those of other stores by stored credentials. */
  private void elsewhere(IRole role) {
    Stream<String> roles =
        Stream.concat(Stream.of(stack.getAccount()), settings.bucketAccounts().stream())
            .map(account ->
                stack.formatArn(
                    ArnComponents.builder()
                        .service("iam")
                        .region("")
                        .account(account)
                        .resource("role")
                        .resourceName(ROLE_PREFIX + "*")
                        .build()));
    allow(role, roles, "sts:AssumeRole");
    accept(
        role,
        "iam::.*:role\\/snapslice-\\*",
        "Roles for buckets of other accounts are named when these are registered; each trusts this"
            + " account with an external ID.");
    String secrets =
        stack.formatArn(
            ArnComponents.builder()
                .service("secretsmanager")
                .resource("secret")
                .resourceName(SECRET_PREFIX + "*")
                .arnFormat(ArnFormat.COLON_RESOURCE_NAME)
                .build());
    allow(role, Stream.of(secrets), "secretsmanager:GetSecretValue");
    accept(
        role,
        "secretsmanager:.*:secret:snapslice\\/\\*",
        "Users keep the credentials of other stores under this name.");
  }

  /** Where S3 refuses a second notification, a rule sends the bucket's events to our queue. */
  private void rules(IRole role, IQueue events) {
    String rules =
        stack.formatArn(
            ArnComponents.builder()
                .service("events")
                .resource("rule")
                .resourceName(RULE_PREFIX + "*")
                .build());
    allow(role, Stream.of(rules), "events:DeleteRule", "events:PutRule", "events:RemoveTargets");
    accept(
        role,
        "events:.*:rule\\/snapslice-\\*",
        "A rule is made when a bucket is enabled whose notifications leave no room.");
    role.addToPrincipalPolicy(
        PolicyStatement.Builder.create()
            .actions(List.of("events:PutTargets"))
            .resources(List.of(rules))
            .conditions(
                Map.of(
                    "ForAllValues:ArnEquals",
                    Map.of("events:TargetArn", List.of(events.getQueueArn()))))
            .build());
  }

  private static void accept(IRole role, String resource, String reason) {
    Reasons.wildcard(role, "arn:.+:" + resource, reason);
  }

  private static void allow(IRole role, Stream<String> resources, String... actions) {
    role.addToPrincipalPolicy(
        PolicyStatement.Builder.create()
            .actions(List.of(actions))
            .resources(resources.toList())
            .build());
  }
}
