package dev.snapslice.mlflow.webhooks;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.snapslice.mlflow.protocol.MlflowException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpRetryException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;

/**
 * Posts to webhooks, signed as MLflow does. Follows no redirect, uses no proxy, and takes no more
 * than a time for all of it. Thread-safe.
 *
 * <p>Java's newer HttpClient shows nobody the socket it has connected; this older one does.
 */
public final class Sender {
  private static final int LONGEST_ANSWER = 64 * 1024;

  private final Destination destination;
  private final WebhookSecrets secrets;
  private final InstantSource clock;
  private final SSLSocketFactory tls;

  public Sender(Destination destination, WebhookSecrets secrets, InstantSource clock) {
    this(
        destination,
        secrets,
        clock,
        destination.anywhere()
            ? HttpsURLConnection.getDefaultSSLSocketFactory()
            : new CheckedSockets(HttpsURLConnection.getDefaultSSLSocketFactory()));
  }

  Sender(
      Destination destination, WebhookSecrets secrets, InstantSource clock, SSLSocketFactory tls) {
    this.destination = destination;
    this.secrets = secrets;
    this.clock = clock;
    this.tls = tls;
  }

  /**
   * What a receiver answered.
   *
   * @param retryAfter how long it asks to be left alone
   */
  record Answer(int status, String body, Duration retryAfter) {}

  /**
   * Posts a body.
   *
   * @param delivery the same id each time that it is tried
   * @throws MlflowException if nothing may be sent there
   * @throws IOException if no answer came
   */
  Answer post(Webhook webhook, String delivery, String body, Duration limit) throws IOException {
    URI url = destination.check(webhook.url());
    String timestamp = "" + clock.instant().getEpochSecond();
    Optional<String> signature =
        webhook
            .secret()
            .map(sealed -> secrets.open(webhook.id(), sealed))
            .map(secret -> signature(secret, delivery + "." + timestamp + "." + body));
    var connection = (HttpURLConnection) url.toURL().openConnection(Proxy.NO_PROXY);
    if (connection instanceof HttpsURLConnection https) {
      https.setSSLSocketFactory(tls);
    }
    byte[] bytes = body.getBytes(UTF_8);
    connection.setInstanceFollowRedirects(false);
    connection.setConnectTimeout((int) limit.toMillis());
    connection.setReadTimeout((int) limit.toMillis());
    connection.setRequestMethod("POST");
    connection.setDoOutput(true);
    // Also, what is streamed is not sent a second time behind our back.
    connection.setFixedLengthStreamingMode(bytes.length);
    connection.setRequestProperty("Connection", "close");
    connection.setRequestProperty("Content-Type", "application/json");
    connection.setRequestProperty("X-MLflow-Delivery-Id", delivery);
    connection.setRequestProperty("X-MLflow-Timestamp", timestamp);
    signature.ifPresent(s -> connection.setRequestProperty("X-MLflow-Signature", s));
    return within(limit, connection, bytes);
  }

  /** A timeout of a socket is for each read, and somebody may send a byte at a time. */
  private static Answer within(Duration limit, HttpURLConnection connection, byte[] body)
      throws IOException {
    var threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      return threads
          .submit(() -> exchange(connection, body))
          .get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IOException("the receiver cannot be talked to", e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("no answer within %d s".formatted(limit.toSeconds()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      connection.disconnect();
      threads.shutdownNow();
    }
  }

  private static Answer exchange(HttpURLConnection connection, byte[] body) throws IOException {
    try (OutputStream out = connection.getOutputStream()) {
      out.write(body);
    }
    int status;
    try {
      status = connection.getResponseCode();
    } catch (HttpRetryException e) {
      return new Answer(e.responseCode(), "", Duration.ZERO);
    }
    try (InputStream in =
        status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      String text = in == null ? "" : new String(in.readNBytes(LONGEST_ANSWER), UTF_8);
      return new Answer(status, text, seconds(connection.getHeaderField("Retry-After")));
    }
  }

  private static Duration seconds(String header) {
    return header != null && header.matches("\\d{1,6}")
        ? Duration.ofSeconds(Long.parseLong(header))
        : Duration.ZERO;
  }

  private static String signature(String secret, String signed) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
      return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(signed.getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }
}
