package dev.snapslice.local.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The session of a browser: a cookie that no script can read and no other site's page sends, with
 * what {@code functions/signin} put there, or with the token that the link of {@code ./snapslice
 * up} brings. As the function at CloudFront's edge does (infra-cdk's {@code session.js}), it
 * becomes the header that is read behind this address.
 */
final class BrowserSession {
  private static final String PATH = "/sign-in";
  private static final Pattern TOKEN = Pattern.compile("token=(snt_\\w[\\w-]*)");
  private static final Pattern COOKIE =
      Pattern.compile("(?:^|;\\s*)snapslice-session=([\\w-]+)(?:;|$)");
  private static final String ATTRIBUTES = "; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200";

  /** Whoever follows the link from another site's page brings the cookie from here on only. */
  private static final String WELCOME =
      "<!doctype html><meta http-equiv=\"refresh\" content=\"0;url=/\"><link rel=\"icon\" href=\"/static-files/favicon.ico\"><a href=\"/\">MLflow</a>";

  private BrowserSession() {}

  /** The token with which a session is to begin, if that is what is asked. */
  static Optional<String> begins(HttpExchange exchange) {
    String query = Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse("");
    Matcher token = TOKEN.matcher(query);
    return exchange.getRequestURI().getPath().equals(PATH)
            && exchange.getRequestMethod().equals("GET")
            && token.matches()
        ? Optional.of(token.group(1))
        : Optional.empty();
  }

  static void begin(HttpExchange exchange, String token) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Set-Cookie", "snapslice-session=" + token + ATTRIBUTES);
    headers.set("Content-Type", "text/html; charset=utf-8");
    headers.set("Cache-Control", "no-store");
    headers.set("Referrer-Policy", "no-referrer");
    exchange.sendResponseHeaders(200, WELCOME.length());
    exchange.getResponseBody().write(WELCOME.getBytes(UTF_8));
  }

  /** The headers of a request, with its session where it brings no token of its own. */
  static Headers headers(HttpExchange exchange) {
    Headers asked = exchange.getRequestHeaders();
    Optional<String> session = session(asked);
    if (asked.containsKey("Authorization") || session.isEmpty()) {
      return asked;
    }
    Headers proven = new Headers();
    asked.forEach((name, values) -> proven.put(name, List.copyOf(values)));
    proven.set("Authorization", "Session " + session.get());
    return proven;
  }

  static boolean exists(HttpExchange exchange) {
    return session(exchange.getRequestHeaders()).isPresent();
  }

  private static Optional<String> session(Headers headers) {
    return headers.getOrDefault("Cookie", List.of()).stream()
        .flatMap(cookies -> COOKIE.matcher(cookies).results())
        .map(found -> found.group(1))
        .findFirst();
  }
}
