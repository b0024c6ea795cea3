package dev.snapslice.bench;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/** A gateway of S3 in front of a MinIO: a peer that checks signatures and signs again, as we do. */
final class Versitygw implements AutoCloseable {
  private static final Path LOG = Path.of(".snapslice", "bench-versitygw.log");
  private static final int TRIES = 300;

  private final Process process;
  private final int port;

  private Versitygw(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  static Versitygw start(Minio origin) throws IOException, InterruptedException {
    int port = Minio.freePort();
    String key = Minio.CREDENTIALS.accessKeyId();
    String secret = Minio.CREDENTIALS.secretAccessKey();
    List<String> own = List.of("--access", key, "--secret", secret, "--port", "127.0.0.1:" + port);
    List<String> behind =
        List.of("--access", key, "--secret", secret, "--endpoint", origin.url().toString());
    ProcessBuilder builder = new ProcessBuilder(".snapslice/bin/versitygw");
    builder.command().addAll(own);
    builder.command().addAll(List.of("--quiet", "--keep-alive", "s3", "--use-path-style"));
    builder.command().addAll(behind);
    // It takes no certificates from AWS_CA_BUNDLE, and does not start with them.
    builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
    Process process = builder.redirectErrorStream(true).redirectOutput(LOG.toFile()).start();
    Versitygw gateway = new Versitygw(process, port);
    gateway.await();
    return gateway;
  }

  private void await() throws IOException, InterruptedException {
    for (int i = 0; i < TRIES && process.isAlive(); i++) {
      try (Socket reached = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return;
      } catch (ConnectException e) {
        Thread.sleep(100);
      }
    }
    throw new IllegalStateException("versitygw did not start: see " + LOG);
  }

  URI presigned(String bucket, String key) {
    URI url = URI.create("http://127.0.0.1:" + port);
    return ReadStack.presigned(url, Minio.CREDENTIALS, bucket, key);
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
