package dev.snapslice.infra;

import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.iam.IRole;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.s3.Bucket;
import software.amazon.awscdk.services.s3.CorsRule;
import software.amazon.awscdk.services.s3.HttpMethods;
import software.amazon.awscdk.services.s3.LifecycleRule;
import software.constructs.Construct;

/**
 * The bucket of MLflow's artifacts: the function tells where they are, the proxies take and send
 * their bytes, and clients reach them by URLs that the function signs.
 */
final class ArtifactBucket extends Construct {
  private static final Duration UNFINISHED = Duration.days(7);

  private final Bucket bucket;

  ArtifactBucket(Construct scope, String id, RemovalPolicy removal) {
    super(scope, id);
    bucket =
        PrivateBucket.builder(this)
            .lifecycleRules(
                List.of(
                    LifecycleRule.builder()
                        .id("unfinished")
                        .abortIncompleteMultipartUploadAfter(UNFINISHED)
                        .build()))
            // The UI's scripts are sent here by the API, from whatever host that has.
            .cors(
                List.of(
                    CorsRule.builder()
                        .allowedOrigins(List.of("*"))
                        .allowedMethods(List.of(HttpMethods.GET, HttpMethods.HEAD))
                        .allowedHeaders(List.of("*"))
                        .build()))
            .removalPolicy(removal)
            .build();
    Reasons.accept(
        bucket,
        "AwsSolutions-S1",
        "Function and proxies log who asked for what; S3's own log would cost a second bucket.");
  }

  /** What function and proxies read. */
  Map<String, String> variables() {
    return Map.of("SNAPSLICE_ARTIFACT_BUCKET", bucket.getBucketName());
  }

  String name() {
    return bucket.getBucketName();
  }

  /**
   * Lets artifacts be listed, read, written, and deleted; S3 asks for the same rights where
   * somebody comes with a URL that was signed.
   */
  void grant(IRole role) {
    allow(role, bucket.getBucketArn(), "s3:ListBucket");
    allow(
        role,
        bucket.arnForObjects("*"),
        "s3:GetObject",
        "s3:PutObject",
        "s3:DeleteObject",
        "s3:AbortMultipartUpload");
    namesAreFree(role);
  }

  /** Lets artifacts be listed and deleted. */
  void grantDeletion(IRole role) {
    allow(role, bucket.getBucketArn(), "s3:ListBucket");
    allow(role, bucket.arnForObjects("*"), "s3:DeleteObject");
    namesAreFree(role);
  }

  private static void namesAreFree(IRole role) {
    Reasons.wildcard(
        role,
        ".*ArtifactsBucket[A-Z0-9]+(\\.Arn>|Arn[A-Z0-9]+)\\/\\*",
        "Runs' artifacts have whatever names they are given.");
  }

  private static void allow(IRole role, String resource, String... actions) {
    role.addToPrincipalPolicy(
        PolicyStatement.Builder.create()
            .actions(List.of(actions))
            .resources(List.of(resource))
            .build());
  }
}
