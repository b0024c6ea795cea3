package dev.snapslice.local.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UpstreamTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer origin;
  private HttpApi api;

  @BeforeEach
  void start() throws Exception {
    origin = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    origin.createContext("/", UpstreamTest::tell);
    origin.start();
    URI uri = URI.create("http://localhost:" + origin.getAddress().getPort());
    Upstream upstream = new Upstream(uri, Pattern.compile("/up/.*"));
    api =
        HttpApi.start(
            0,
            List.of(),
            Map.of(),
            Optional.of(new Distribution(upstream, new UiFiles(Path.of("none"), false))));
  }

  @AfterEach
  void stop() {
    api.close();
    origin.stop(0);
  }

  /** What was asked, and how many bytes came along. */
  private static void tell(HttpExchange exchange) throws IOException {
    try (exchange) {
      long bytes = exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
      String told =
          exchange.getRequestMethod()
              + " "
              + exchange.getRequestURI()
              + " "
              + exchange.getRequestHeaders().getFirst("X-Some")
              + " "
              + exchange.getRequestHeaders().getFirst("Content-Length")
              + " "
              + bytes;
      exchange.getResponseHeaders().set("ETag", "\"e\"");
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(206, head ? -1 : told.length());
      if (!head) {
        exchange.getResponseBody().write(told.getBytes(UTF_8));
      }
    }
  }

  private HttpResponse<String> ask(String method, String path, BodyPublisher body)
      throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://localhost:" + api.port() + path))
            .header("X-Some", "thing")
            .method(method, body)
            .build(),
        BodyHandlers.ofString());
  }

  @Test
  void sends_its_paths_to_the_origin_as_they_are() throws Exception {
    byte[] large = new byte[20_000_000];

    HttpResponse<String> read = ask("GET", "/up/a%20%2Fb?x=%2B", BodyPublishers.noBody());
    HttpResponse<String> sized = ask("PUT", "/up/a", BodyPublishers.ofByteArray(large));
    HttpResponse<String> chunked =
        ask("PUT", "/up/a", BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)));
    HttpResponse<String> head = ask("HEAD", "/up/a", BodyPublishers.noBody());

    assertEquals(206, read.statusCode());
    assertEquals("\"e\"", read.headers().firstValue("etag").orElseThrow());
    assertEquals("GET /up/a%20%2Fb?x=%2B thing 0 0", read.body());
    assertEquals("PUT /up/a thing 20000000 20000000", sized.body());
    assertEquals("PUT /up/a thing null 20000000", chunked.body());
    assertEquals(206, head.statusCode());
  }

  @Test
  void leaves_other_paths_to_the_api() throws Exception {
    assertEquals(404, ask("GET", "/down", BodyPublishers.noBody()).statusCode());
  }
}
