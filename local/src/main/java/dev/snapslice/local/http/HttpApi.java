package dev.snapslice.local.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.snapslice.local.lambda.Invocable;
import dev.snapslice.local.lambda.InvocationException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP API: chooses the route, asks the authoriser or checks the signature, invokes the
 * function with a <a
 * href="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html">payload
 * 2.0 event</a> and renders its answer. Errors of the gateway itself read as API Gateway's.
 */
public final class HttpApi implements AutoCloseable {
  /** The only credentials that the local AWS knows. */
  public static final String ACCESS_KEY = "test";

  private static final String SECRET_KEY = "test";
  private static final Logger log = LoggerFactory.getLogger(HttpApi.class);
  private static final ObjectMapper json = new ObjectMapper();

  /** Of API Gateway. */
  private static final int LARGEST_BODY = 10 * 1024 * 1024;

  /** Of Lambda, with all that an event has besides the body. */
  private static final int LARGEST_EVENT = 6 * 1024 * 1024;

  private final List<Route> routes;
  private final Map<String, Invocable> functions;
  private final Optional<Distribution> distribution;
  private final Signature signature = new Signature(ACCESS_KEY, SECRET_KEY);
  private final HttpServer server;

  private HttpApi(
      int port,
      List<Route> routes,
      Map<String, ? extends Invocable> functions,
      Optional<Distribution> distribution)
      throws IOException {
    this.routes = List.copyOf(routes);
    this.functions = Map.copyOf(functions);
    this.distribution = distribution;
    this.server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
  }

  /**
   * Starts to serve.
   *
   * @param functions every function that a route names, by name
   * @param distribution what stands in front of it, if anything
   */
  public static HttpApi start(
      int port,
      List<Route> routes,
      Map<String, ? extends Invocable> functions,
      Optional<Distribution> distribution)
      throws IOException {
    var api = new HttpApi(port, routes, functions, distribution);
    api.server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    api.server.createContext("/", api::handle);
    api.server.start();
    return api;
  }

  /** Where it listens. */
  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      try {
        if (distribution.isEmpty()) {
          answer(exchange, exchange.getRequestHeaders());
          return;
        }
        Headers headers = distribution.get().headers(exchange);
        if (!distribution.get().answers(exchange, headers)) {
          answer(exchange, headers);
        }
      } catch (InvocationException e) {
        log.warn(
            "{} {}: {}", exchange.getRequestMethod(), exchange.getRequestURI(), e.getMessage());
        refuse(exchange, 500, "Internal Server Error");
      }
    }
  }

  private void answer(HttpExchange exchange, Headers headers)
      throws IOException, InvocationException {
    byte[] body = exchange.getRequestBody().readNBytes(LARGEST_BODY + 1);
    if (body.length > LARGEST_BODY) {
      refuse(exchange, 413, "Request Entity Too Large");
      return;
    }
    Optional<Route.Match> match =
        Route.choose(routes, exchange.getRequestMethod(), exchange.getRequestURI().getRawPath());
    if (match.isEmpty()) {
      refuse(exchange, 404, "Not Found");
      return;
    }
    Route route = match.get().route();
    var event = new GatewayEvent(exchange, headers, match.get(), body);
    switch (route.authorization()) {
      case "CUSTOM" -> {
        if (!event.headers().containsKey("authorization")) {
          refuse(exchange, 401, "Unauthorized");
          return;
        }
        JsonNode verdict =
            invoke(route.authorizer(), json.writeValueAsBytes(event.forAuthorizer()));
        if (!verdict.path("isAuthorized").asBoolean()) {
          refuse(exchange, 403, "Forbidden");
          return;
        }
        event.authorizedBy("lambda", verdict.path("context"));
      }
      case "AWS_IAM" -> {
        if (!signed(exchange, event, body)) {
          refuse(exchange, 403, "Forbidden");
          return;
        }
        event.authorizedBy("iam", GatewayEvent.localCaller());
      }
      default -> {}
    }
    byte[] asked = json.writeValueAsBytes(event.forFunction());
    if (asked.length > LARGEST_EVENT) {
      refuse(exchange, 413, "Request Entity Too Large");
      return;
    }
    render(exchange, invoke(route.function(), asked));
  }

  private boolean signed(HttpExchange exchange, GatewayEvent event, byte[] body) {
    var uri = exchange.getRequestURI();
    return signature.verifies(
        exchange.getRequestMethod(),
        uri.getRawPath(),
        Optional.ofNullable(uri.getRawQuery()).orElse(""),
        event.headers(),
        body,
        Instant.now());
  }

  private JsonNode invoke(String function, byte[] event) throws IOException, InvocationException {
    return json.readTree(functions.get(function).invoke(event));
  }

  private static void render(HttpExchange exchange, JsonNode answer) throws IOException {
    var headers = exchange.getResponseHeaders();
    headers.set("Content-Type", "application/json");
    answer
        .path("headers")
        .properties()
        .forEach(header -> headers.set(header.getKey(), header.getValue().asText()));
    answer.path("cookies").forEach(cookie -> headers.add("Set-Cookie", cookie.asText()));
    String text = answer.path("body").asText("");
    byte[] body =
        answer.path("isBase64Encoded").asBoolean()
            ? Base64.getDecoder().decode(text)
            : text.getBytes(StandardCharsets.UTF_8);
    send(exchange, answer.path("statusCode").asInt(200), body);
  }

  private static void refuse(HttpExchange exchange, int status, String message) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    send(exchange, status, json.writeValueAsBytes(Map.of("message", message)));
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    boolean bodyless =
        body.length == 0 || status == 304 || exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, bodyless ? -1 : body.length);
    if (!bodyless) {
      exchange.getResponseBody().write(body);
    }
  }
}
