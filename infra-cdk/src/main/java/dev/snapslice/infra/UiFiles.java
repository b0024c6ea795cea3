package dev.snapslice.infra;

import java.nio.file.Path;
import java.util.List;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.cloudfront.IOrigin;
import software.amazon.awscdk.services.cloudfront.origins.S3BucketOrigin;
import software.amazon.awscdk.services.iam.IRole;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.amazon.awscdk.services.s3.Bucket;
import software.amazon.awscdk.services.s3.assets.Asset;
import software.amazon.awscdk.services.s3.deployment.BucketDeployment;
import software.amazon.awscdk.services.s3.deployment.CacheControl;
import software.amazon.awscdk.services.s3.deployment.Source;
import software.constructs.Construct;
import software.constructs.IConstruct;

/**
 * The bucket of MLflow's UI, which only CloudFront reads, and the function by which the CDK fills
 * it.
 */
final class UiFiles extends Construct {
  private static final String PAGE = "index.html";
  private static final int MEMORY = 512;

  private final Bucket bucket;
  private final Role filler;
  private final LogGroup log;

  UiFiles(Construct scope, String id, Path folder) {
    super(scope, id);
    bucket = PrivateBucket.builder(this).removalPolicy(RemovalPolicy.DESTROY).build();
    Reasons.accept(
        bucket,
        "AwsSolutions-S1",
        "It holds what MLflow publishes, and CloudFront alone reads it.");
    filler =
        Role.Builder.create(this, "Filler")
            .assumedBy(new ServicePrincipal("lambda.amazonaws.com"))
            .build();
    log =
        LogGroup.Builder.create(this, "Log")
            .retention(RetentionDays.ONE_MONTH)
            .removalPolicy(RemovalPolicy.DESTROY)
            .build();
    allow(log.getLogGroupArn(), "logs:CreateLogStream", "logs:PutLogEvents");
    allow(bucket.getBucketArn(), "s3:ListBucket");
    allow(bucket.arnForObjects("*"), "s3:GetObject", "s3:PutObject", "s3:DeleteObject");
    Reasons.wildcard(filler, ".*Bucket[A-Z0-9]+\\.Arn>\\/\\*", "The UI's files, all of them.");
    // A page that is open asks for files of the version that it came with: none is taken away.
    BucketDeployment files = fill("Files", folder, PAGE, "max-age=2419200");
    fill("Page", folder, "static-files", "no-cache").getNode().addDependency(files);
    for (IConstruct made : scope.getNode().getChildren()) {
      if (made.getNode().getId().startsWith("Custom::CDKBucketDeployment")) {
        Reasons.accept(made, "AwsSolutions-L1", "The CDK chooses the runtime of its own function.");
      }
    }
  }

  /** Puts a folder's files there, but one. */
  private BucketDeployment fill(String id, Path folder, String but, String caching) {
    Asset files =
        Asset.Builder.create(this, id + "Asset")
            .path(folder.toString())
            .exclude(List.of(but))
            .build();
    allow(files.getBucket().arnForObjects(files.getS3ObjectKey()), "s3:GetObject");
    return BucketDeployment.Builder.create(this, id)
        .sources(List.of(Source.bucket(files.getBucket(), files.getS3ObjectKey())))
        .destinationBucket(bucket)
        .cacheControl(List.of(CacheControl.fromString(caching)))
        .prune(false)
        .retainOnDelete(false)
        .memoryLimit(MEMORY)
        .role(exactly(filler))
        .logGroup(log)
        .build();
  }

  /** A role that the CDK adds nothing to. */
  private static IRole exactly(Role role) {
    return role.withoutPolicyUpdates();
  }

  private void allow(String resource, String... actions) {
    filler.addToPolicy(
        PolicyStatement.Builder.create()
            .actions(List.of(actions))
            .resources(List.of(resource))
            .build());
  }

  IOrigin origin() {
    return S3BucketOrigin.withOriginAccessControl(bucket);
  }
}
