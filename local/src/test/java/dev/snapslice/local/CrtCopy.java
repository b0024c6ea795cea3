package dev.snapslice.local;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Copies what is below a prefix into a folder with the AWS SDK's client of native code, which reads
 * large objects in parts. Its credentials and region come from the environment.
 */
public final class CrtCopy {
  private static final long PART = 1 << 20;

  private CrtCopy() {}

  /** Takes endpoint, bucket, prefix and folder. */
  public static void main(String[] arguments) throws Exception {
    String bucket = arguments[1];
    String prefix = arguments[2];
    try (S3AsyncClient s3 =
        S3AsyncClient.crtBuilder()
            .endpointOverride(URI.create(arguments[0]))
            .forcePathStyle(true)
            .minimumPartSizeInBytes(PART)
            .build()) {
      List<S3Object> all = s3.listObjectsV2(r -> r.bucket(bucket).prefix(prefix)).join().contents();
      for (S3Object each : all) {
        Path file = Path.of(arguments[3], each.key().substring(prefix.length()));
        Files.createDirectories(file.getParent());
        s3.getObject(r -> r.bucket(bucket).key(each.key()), file).join();
      }
    }
  }
}
