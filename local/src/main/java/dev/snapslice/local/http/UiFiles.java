package dev.snapslice.local.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * MLflow's UI, as S3 has it behind CloudFront.
 *
 * @param folder with {@code index.html} and {@code static-files}
 * @param signIn whether there is a provider to which who is not signed in can be sent
 */
public record UiFiles(Path folder, boolean signIn) {
  private static final String STATIC = "/static-files/";
  private static final String NOBODY =
      "Nobody is signed in: open the link that ./snapslice up prints.\n";
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript",
          "mjs", "text/javascript",
          "cjs", "text/javascript",
          "css", "text/css",
          "json", "application/json",
          "svg", "image/svg+xml",
          "png", "image/png",
          "ico", "image/x-icon");

  boolean serves(HttpExchange exchange) {
    String path = exchange.getRequestURI().getPath();
    return path.equals("/") || path.startsWith(STATIC);
  }

  void send(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    boolean page = path.equals("/");
    Path file = folder.resolve(page ? "index.html" : path.substring(1)).normalize();
    Headers headers = exchange.getResponseHeaders();
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Content-Security-Policy", "frame-ancestors 'self'");
    // The names of files hold a hash of what is in them, the page's does not.
    headers.set("Cache-Control", page ? "no-cache" : "max-age=2419200");
    if (page && signIn && !BrowserSession.exists(exchange)) {
      headers.set("Location", "/auth/login");
      tell(exchange, 302, "");
    } else if (page && !BrowserSession.exists(exchange)) {
      tell(exchange, 401, NOBODY);
    } else if (!exchange.getRequestMethod().equals("GET")) {
      tell(exchange, 405, "These are files.\n");
    } else if (!file.startsWith(folder) || !Files.isRegularFile(file)) {
      tell(exchange, 404, "There is no such file.\n");
    } else {
      String name = file.getFileName().toString();
      String ending = name.substring(name.lastIndexOf('.') + 1);
      headers.set("Content-Type", TYPES.getOrDefault(ending, "application/octet-stream"));
      exchange.sendResponseHeaders(200, Files.size(file));
      Files.copy(file, exchange.getResponseBody());
    }
  }

  private static void tell(HttpExchange exchange, int status, String text) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/plain");
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    byte[] body = text.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }
}
