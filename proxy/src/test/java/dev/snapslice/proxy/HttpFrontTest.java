package dev.snapslice.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.github.benmanes.caffeine.cache.stats.CacheStats;
import dev.snapslice.proxy.http.RawRequest;
import dev.snapslice.proxy.http.Response;
import io.helidon.webserver.WebServer;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Faults of S3 and of clients, which no real server produces when asked to. */
class HttpFrontTest {
  private static final int SAID = 1 << 20;

  private final Metrics metrics = new Metrics(CacheStats::empty, InstantSource.system());
  private WebServer server;

  @AfterEach
  void stop() {
    server.stop();
  }

  private URI serve(Function<RawRequest, Response> s3) {
    server =
        HttpFront.start(
            new ProxySettings(
                "127.0.0.1",
                0,
                "localhost",
                "http",
                false,
                false,
                Duration.ofSeconds(30),
                "us-east-1",
                Optional.empty()),
            new HttpFront.Protocols(s3, form -> Response.json(200, form), () -> true, metrics));
    return URI.create("http://127.0.0.1:" + server.port() + "/films/a");
  }

  private static Response answer(InputStream body) {
    return new Response(200, Map.of("content-length", "" + SAID), body);
  }

  private static HttpResponse<byte[]> get(URI uri, String method) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()).build(),
          BodyHandlers.ofByteArray());
    }
  }

  @Test
  void breaks_the_connection_where_a_body_breaks_off_or_ends_early() {
    URI failing = serve(request -> answer(new Body(SAID / 2, true, new CountDownLatch(1))));
    assertThatIOException().isThrownBy(() -> get(failing, "GET"));
    server.stop();

    URI ending = serve(request -> answer(new Body(SAID / 2, false, new CountDownLatch(1))));
    assertThatIOException().isThrownBy(() -> get(ending, "GET"));
  }

  @Test
  void lets_the_protocol_refuse_a_write_in_whatever_encoding() throws Exception {
    URI refusing = serve(request -> Response.xml(403, request.method()));

    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> refused =
          client.send(
              HttpRequest.newBuilder(refusing)
                  .PUT(HttpRequest.BodyPublishers.ofString("3;chunk-signature=0\r\nabc"))
                  .header("content-encoding", "aws-chunked,gzip")
                  .build(),
              BodyHandlers.ofString());

      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(refused.body()).isEqualTo("PUT");
    }
  }

  @Test
  void lets_go_of_the_body_when_the_client_is_gone() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    URI endless = serve(request -> answer(new Body(Long.MAX_VALUE, false, closed)));

    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), endless.getPort())) {
      client
          .getOutputStream()
          .write("GET /films/a HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(ISO_8859_1));
      client.getInputStream().readNBytes(1_000);
    }

    assertThat(closed.await(1, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void finishes_what_runs_when_it_is_told_to_stop() throws Exception {
    CountDownLatch runs = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    InputStream slow =
        new FilterInputStream(new ByteArrayInputStream(new byte[SAID])) {
          @Override
          public int read(byte[] buffer, int offset, int length) throws IOException {
            runs.countDown();
            try {
              goOn.await();
            } catch (InterruptedException e) {
              throw new InterruptedIOException();
            }
            return super.read(buffer, offset, length);
          }
        };
    URI uri = serve(request -> answer(slow));
    CompletableFuture<HttpResponse<byte[]>> running =
        HttpClient.newHttpClient()
            .sendAsync(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofByteArray());

    runs.await();
    Thread stopping = Thread.ofVirtual().start(() -> server.stop());
    assertThat(stopping.join(Duration.ofSeconds(1))).isFalse();
    goOn.countDown();

    assertThat(running.get(10, TimeUnit.SECONDS).body()).hasSize(SAID);
    assertThat(stopping.join(Duration.ofSeconds(10))).isTrue();
    assertThatIOException().isThrownBy(() -> get(uri, "GET"));
  }

  @Test
  void is_not_held_by_connections_on_which_nothing_is_asked() throws Exception {
    URI uri = serve(request -> Response.xml(200, "<a/>"));

    try (Socket unused = new Socket(InetAddress.getLoopbackAddress(), uri.getPort());
        Socket begun = new Socket(InetAddress.getLoopbackAddress(), uri.getPort());
        Socket half = new Socket(InetAddress.getLoopbackAddress(), uri.getPort());
        Socket bodiless = new Socket(InetAddress.getLoopbackAddress(), uri.getPort());
        HttpClient kept = HttpClient.newHttpClient()) {
      begun.getOutputStream().write("GET /fil".getBytes(ISO_8859_1));
      half.getOutputStream()
          .write("GET /films/a HTTP/1.1\r\nhost: localhost\r\nx-a".getBytes(ISO_8859_1));
      bodiless
          .getOutputStream()
          .write(
              "POST /oauth2/token HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n"
                  .getBytes(ISO_8859_1));
      // Connections are taken in order: the others' are there, too, now.
      kept.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofByteArray());

      Thread stopping = Thread.ofVirtual().start(() -> server.stop());

      assertThat(stopping.join(Duration.ofSeconds(5))).isTrue();
      assertThat(unused.getInputStream().read()).isEqualTo(-1);
      assertThat(half.getInputStream().readAllBytes()).isEmpty();
      assertThat(bodiless.getInputStream().readAllBytes()).isEmpty();
    }
  }

  @Test
  void takes_names_in_plain_utf8_for_encoded_ones() throws Exception {
    URI uri = serve(request -> Response.xml(200, request.path() + "?" + request.query()));

    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), uri.getPort())) {
      client
          .getOutputStream()
          .write(
              "GET /été%20/a?b=ü HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
                  .getBytes(UTF_8));

      assertThat(new String(client.getInputStream().readAllBytes(), UTF_8))
          .endsWith("/%C3%A9t%C3%A9%20/a?b=%C3%BC");
    }
  }

  @Test
  void closes_the_connection_where_the_client_asks_for_it() throws Exception {
    URI uri = serve(request -> Response.xml(200, "<a/>"));

    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), uri.getPort())) {
      client
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".getBytes(ISO_8859_1));
      String answer = new String(client.getInputStream().readAllBytes(), ISO_8859_1);

      assertThat(answer).startsWith("HTTP/1.1 200").endsWith("<a/>");
    }
  }

  @Test
  void sends_headers_alone_where_there_is_no_body() throws Exception {
    Map<String, String> headers = Map.of("content-length", "" + SAID, "etag", "\"abc\"");
    URI uri =
        serve(request -> Response.empty(request.method().equals("HEAD") ? 200 : 304, headers));

    HttpResponse<byte[]> head = get(uri, "HEAD");
    HttpResponse<byte[]> unchanged = get(uri, "GET");

    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.headers().firstValueAsLong("content-length")).hasValue(SAID);
    assertThat(unchanged.statusCode()).isEqualTo(304);
    assertThat(unchanged.headers().firstValue("etag")).hasValue("\"abc\"");
    assertThat(unchanged.body()).isEmpty();
  }

  @Test
  void hands_the_path_and_the_query_on_as_they_were_sent() throws Exception {
    RawRequest[] seen = new RawRequest[1];
    URI uri =
        serve(request -> {
          seen[0] = request;
          return Response.xml(200, "<a/>");
        });

    get(URI.create(uri + "//b%2Fc%20d+e/../f?prefix=a%2Bb&x"), "GET");

    assertThat(seen[0].path()).isEqualTo("/films/a//b%2Fc%20d+e/../f");
    assertThat(seen[0].query()).isEqualTo("prefix=a%2Bb&x");
  }

  /** Zeros, and then a failure or the end. */
  private static final class Body extends InputStream {
    private final boolean fails;
    private final CountDownLatch closed;
    private long left;

    Body(long length, boolean fails, CountDownLatch closed) {
      this.left = length;
      this.fails = fails;
      this.closed = closed;
    }

    @Override
    public int read() throws IOException {
      return read(new byte[1], 0, 1) < 0 ? -1 : 0;
    }

    @Override
    public int read(byte[] buffer, int from, int most) throws IOException {
      if (left == 0 && fails) {
        throw new IOException("reset");
      }
      int count = (int) Math.min(most, left);
      Arrays.fill(buffer, from, from + count, (byte) 0);
      left -= count;
      return count == 0 ? -1 : count;
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }
}
