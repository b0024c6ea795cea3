package dev.snapslice.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;

/** A MinIO server with a folder of its own: what reads are measured against. */
final class Minio implements AutoCloseable {
  static final AwsBasicCredentials CREDENTIALS =
      AwsBasicCredentials.create("minio", "minio-secret");

  private final Process process;
  private final Path data;
  private final int port;

  private Minio(Process process, Path data, int port) {
    this.process = process;
    this.data = data;
    this.port = port;
  }

  static Minio start() throws IOException, InterruptedException {
    Path data = Files.createTempDirectory(Path.of(".snapslice"), "bench-minio-");
    int port = freePort();
    ProcessBuilder builder =
        new ProcessBuilder(
                ".snapslice/bin/minio",
                "server",
                data.toString(),
                "--quiet",
                "--address",
                "127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder
        .environment()
        .putAll(
            Map.of(
                "MINIO_ROOT_USER",
                CREDENTIALS.accessKeyId(),
                "MINIO_ROOT_PASSWORD",
                CREDENTIALS.secretAccessKey(),
                "MINIO_REGION",
                "us-east-1",
                "MINIO_BROWSER",
                "off"));
    Minio minio = new Minio(builder.start(), data, port);
    minio.await();
    return minio;
  }

  /**
   * A free port whose next one is free, too: below those that connections leave from, so that none
   * takes it before a server does.
   */
  static int freePort() {
    while (true) {
      int port = 2 * ThreadLocalRandom.current().nextInt(10_000, 16_000);
      if (free(port) && free(port + 1)) {
        return port;
      }
    }
  }

  private static boolean free(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  private void await() throws InterruptedException {
    try (S3Client s3 = s3()) {
      for (int i = 0; i < 300; i++) {
        try {
          s3.listBuckets();
          return;
        } catch (SdkException e) {
          Thread.sleep(100);
        }
      }
    }
    throw new IllegalStateException("MinIO did not start");
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + port);
  }

  S3Client s3() {
    return ReadStack.s3(url(), CREDENTIALS);
  }

  URI presigned(String bucket, String key) {
    return ReadStack.presigned(url(), CREDENTIALS, bucket, key);
  }

  /** Makes a versioned bucket. */
  static void create(S3Client s3, String bucket) {
    s3.createBucket(r -> r.bucket(bucket));
    s3.putBucketVersioning(r ->
        r.bucket(bucket).versioningConfiguration(v -> v.status(BucketVersioningStatus.ENABLED)));
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    process.onExit().join();
    try (var files = Files.walk(data)) {
      List<Path> all = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : all) {
        Files.delete(file);
      }
    }
  }
}
