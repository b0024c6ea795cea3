package dev.snapslice.core.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * One moto server (S3, SQS, EventBridge, Secrets Manager, …) for all tests of a JVM, on a port of
 * its own: register it with {@code @RegisterExtension static final Moto MOTO = new Moto();}.
 *
 * <p>Found through the system property or environment variable {@code SNAPSLICE_MOTO}, else on the
 * PATH; where it is missing the tests fail and say so.
 */
public final class Moto implements BeforeAllCallback {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static URI endpoint;

  @Override
  public void beforeAll(ExtensionContext context) {
    start();
  }

  private static synchronized void start() {
    if (endpoint != null) {
      return;
    }
    try {
      int port = freePort();
      Process moto =
          new ProcessBuilder(executable().toString(), "-H", "127.0.0.1", "-p", "" + port)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      Runtime.getRuntime().addShutdownHook(new Thread(moto::destroy));
      awaitPort(moto, port);
      endpoint = URI.create("http://127.0.0.1:" + port);
    } catch (IOException e) {
      throw new UncheckedIOException("moto_server does not start", e);
    }
  }

  private static Path executable() {
    String named =
        Optional.ofNullable(System.getProperty("SNAPSLICE_MOTO"))
            .orElse(System.getenv("SNAPSLICE_MOTO"));
    if (named != null) {
      return Path.of(named);
    }
    return Arrays.stream(System.getenv("PATH").split(":"))
        .map(folder -> Path.of(folder, "moto_server"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() ->
            new IllegalStateException(
                "moto_server is missing: run the tests by ./snapslice test, or point"
                    + " SNAPSLICE_MOTO at it"));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void awaitPort(Process moto, int port) throws IOException {
    Instant end = Instant.now().plus(PATIENCE);
    while (true) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return;
      } catch (IOException e) {
        if (!moto.isAlive() || Instant.now().isAfter(end)) {
          throw e;
        }
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Where the server listens. */
  public URI endpoint() {
    start();
    return endpoint;
  }

  /** A client of any service, as in {@code moto.client(SqsClient.builder())}. */
  public <B extends AwsClientBuilder<B, C>, C> C client(B builder) {
    return builder
        .endpointOverride(endpoint())
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
        .build();
  }

  public S3Client s3() {
    return client(S3Client.builder().forcePathStyle(true));
  }
}
