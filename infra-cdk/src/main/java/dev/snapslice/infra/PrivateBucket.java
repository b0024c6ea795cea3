package dev.snapslice.infra;

import software.amazon.awscdk.services.s3.BlockPublicAccess;
import software.amazon.awscdk.services.s3.Bucket;
import software.amazon.awscdk.services.s3.BucketEncryption;
import software.amazon.awscdk.services.s3.ObjectOwnership;
import software.constructs.Construct;

/** What holds for every bucket of ours: encrypted, by TLS only, and nothing in it is public. */
final class PrivateBucket {
  private PrivateBucket() {}

  static Bucket.Builder builder(Construct scope) {
    return Bucket.Builder.create(scope, "Bucket")
        .encryption(BucketEncryption.S3_MANAGED)
        .enforceSsl(true)
        .minimumTlsVersion(1.2)
        .blockPublicAccess(BlockPublicAccess.BLOCK_ALL)
        .objectOwnership(ObjectOwnership.BUCKET_OWNER_ENFORCED);
  }
}
