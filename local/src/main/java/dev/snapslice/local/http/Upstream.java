package dev.snapslice.local.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Another server behind the same address, as CloudFront leads some paths to another origin: bodies
 * are streamed through, and nothing is looked at.
 *
 * @param origin where it is, without a path
 * @param paths that it serves
 */
public record Upstream(URI origin, Pattern paths) {
  private static final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** What each connection has for itself. */
  private static final Set<String> OWN =
      Set.of(
          "connection",
          "content-length",
          "date",
          "expect",
          "host",
          "keep-alive",
          "transfer-encoding",
          "upgrade");

  boolean serves(HttpExchange exchange) {
    return paths.matcher(exchange.getRequestURI().getRawPath()).matches();
  }

  void pass(HttpExchange exchange, Headers headers) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(origin.resolve(exchange.getRequestURI().toString()))
            .method(exchange.getRequestMethod(), body(exchange));
    headers.forEach((name, values) -> {
      if (!OWN.contains(name.toLowerCase(Locale.ROOT))) {
        values.forEach(value -> request.header(name, value));
      }
    });
    try {
      HttpResponse<InputStream> answer = client.send(request.build(), BodyHandlers.ofInputStream());
      try (InputStream body = answer.body()) {
        send(exchange, answer, body);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("stopped while the origin answered");
    }
  }

  private static BodyPublisher body(HttpExchange exchange) {
    List<String> length = exchange.getRequestHeaders().getOrDefault("Content-Length", List.of());
    boolean chunked = exchange.getRequestHeaders().containsKey("Transfer-Encoding");
    if (!chunked && (length.isEmpty() || length.getFirst().equals("0"))) {
      return BodyPublishers.ofByteArray(new byte[0]);
    }
    BodyPublisher stream = BodyPublishers.ofInputStream(exchange::getRequestBody);
    return chunked
        ? stream
        : BodyPublishers.fromPublisher(stream, Long.parseLong(length.getFirst()));
  }

  private static void send(
      HttpExchange exchange, HttpResponse<InputStream> answer, InputStream body)
      throws IOException {
    answer
        .headers()
        .map()
        .forEach((name, values) -> {
          if (!OWN.contains(name.toLowerCase(Locale.ROOT))) {
            exchange.getResponseHeaders().put(name, values);
          }
        });
    OptionalLong length = answer.headers().firstValueAsLong("content-length");
    if (exchange.getRequestMethod().equals("HEAD")) {
      length.ifPresent(
          bytes -> exchange.getResponseHeaders().set("Content-Length", Long.toString(bytes)));
      exchange.sendResponseHeaders(answer.statusCode(), -1);
      return;
    }
    boolean empty = answer.statusCode() == 304 || length.orElse(-1) == 0;
    exchange.sendResponseHeaders(answer.statusCode(), empty ? -1 : length.orElse(0));
    if (!empty) {
      body.transferTo(exchange.getResponseBody());
    }
  }
}
