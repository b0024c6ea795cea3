package dev.snapslice.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.snapslice.proxy.http.RawRequest;
import dev.snapslice.proxy.http.Response;
import dev.snapslice.proxy.s3.S3Service;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.DirectHandler.TransportResponse;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.logging.Level;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** HTTP in front of the protocols: a virtual thread for each connection. */
final class HttpFront {
  private static final Logger log = LoggerFactory.getLogger(HttpFront.class);

  /** A key of 1,024 bytes, each encoded as three, and a presigned query. */
  private static final int LONGEST_LINE = 16 * 1024;

  private static final int HEADERS = 32 * 1024;

  /** As much as the JDK hands to a socket at once. */
  private static final int BUFFER = 128 * 1024;

  /** What runs when the process is told to stop may finish; ECS waits ten seconds longer. */
  private static final Duration DRAIN = Duration.ofSeconds(110);

  /** Helidon tells a stack trace of each request that it cannot read. */
  private static final java.util.logging.Logger HELIDON =
      java.util.logging.Logger.getLogger("io.helidon.webserver.http1");

  /** An OAuth 2 client's form. */
  private static final int LONGEST_FORM = 8 * 1024;

  private HttpFront() {}

  /**
   * What is served.
   *
   * @param reads every request, but for access tokens
   * @param accessTokens requests for access tokens, by the form that was posted
   * @param healthy whether more requests should come here
   * @param metrics in which reads are counted
   */
  record Protocols(
      Function<RawRequest, Response> reads,
      Function<String, Response> accessTokens,
      BooleanSupplier healthy,
      Metrics metrics) {}

  static WebServer start(ProxySettings settings, Protocols protocols) {
    HELIDON.setLevel(Level.SEVERE);
    return WebServer.builder()
        .host(settings.address())
        .port(settings.port())
        .shutdownGracePeriod(DRAIN)
        // Over channels Helidon writes 8 KiB at a time (decision 5).
        .useNio(false)
        .connectionOptions(connection -> connection.tcpNoDelay(true))
        // With two protocols a connection is none before its first byte, and a stop waits for it.
        .protocolsDiscoverServices(false)
        .contentEncoding(new UnreadBodies())
        .addConnectionSelector(
            new Http1Connections(
                Http1Config.builder().maxPrologueLength(LONGEST_LINE).maxHeadersSize(HEADERS)))
        .directHandlers(refusals())
        .routing(routing ->
            routing
                .get(
                    "/health",
                    (request, response) -> {
                      boolean good = protocols.healthy().getAsBoolean();
                      response.status(good ? 200 : 503);
                      response.send(good ? "ok" : "DynamoDB or S3 is not reached");
                    })
                .post(
                    "/oauth2/token",
                    (request, response) -> {
                      byte[] form = request.content().inputStream().readNBytes(LONGEST_FORM);
                      send(response, protocols.accessTokens().apply(new String(form, UTF_8)), true);
                    })
                .any((request, response) ->
                    audited(raw(request), response, protocols, settings.auditKeys())))
        .build()
        .start();
  }

  /** What Helidon refuses before we see it: whoever sent it is at fault, not the server. */
  private static DirectHandlers refusals() {
    DirectHandlers.Builder handlers = DirectHandlers.builder();
    for (EventType event : EventType.values()) {
      handlers.addHandler(
          event,
          (request, type, status, headers, message) -> {
            boolean theirs = status.family() == Status.Family.CLIENT_ERROR;
            Response answer = S3Service.unreadable(theirs ? status.code() : 400);
            TransportResponse.Builder response =
                TransportResponse.builder()
                    .status(Status.create(answer.status()))
                    .headers(headers)
                    .entity(answer.text())
                    .keepAlive(false);
            return response.header(HeaderNames.CONTENT_TYPE, "application/xml").build();
          });
    }
    return handlers.build();
  }

  private static void audited(
      RawRequest request, ServerResponse response, Protocols protocols, boolean withKeys) {
    long began = System.nanoTime();
    Response answer = protocols.reads().apply(request);
    long sent = -1;
    try {
      sent = send(response, answer, !request.method().equals("HEAD"));
    } finally {
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      request.audit().write(answer.status(), sent, took, withKeys);
      protocols.metrics().served(answer.status(), sent);
    }
    if (request.header("connection").filter("close"::equalsIgnoreCase).isPresent()) {
      // Helidon keeps the connection after a body that was streamed.
      throw new CloseConnectionException("as the client asked");
    }
  }

  /** Sends an answer, and says how many bytes its body had. */
  private static long send(ServerResponse response, Response answer, boolean withBody) {
    response.status(Status.create(answer.status()));
    boolean unchanged = answer.status() == Status.NOT_MODIFIED_304.code();
    answer
        .headers()
        .forEach((name, value) -> {
          // Helidon takes a length for a body, which a 304 must not have.
          if (!unchanged || !name.equals("content-length")) {
            response.headers().set(HeaderNames.create(name), value);
          }
        });
    if (unchanged || !withBody) {
      response.send();
      return 0;
    }
    long sent = 0;
    try (InputStream body = answer.body()) {
      OutputStream out = response.outputStream();
      byte[] buffer = new byte[BUFFER];
      for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
        out.write(buffer, 0, read);
        sent += read;
      }
      if (sent != Long.parseLong(answer.headers().getOrDefault("content-length", "" + sent))) {
        throw new EOFException("S3 sent less than it said");
      }
      out.close();
      return sent;
    } catch (IOException | RuntimeException e) {
      // A body that breaks off must never look whole.
      log.info("a body broke off after {} bytes: {}", sent, e.toString());
      throw new CloseConnectionException("the body broke off", e);
    }
  }

  private static RawRequest raw(ServerRequest request) {
    Map<String, List<String>> headers = new HashMap<>();
    for (Header header : request.headers()) {
      headers
          .computeIfAbsent(header.name().toLowerCase(Locale.ROOT), name -> new ArrayList<>())
          .addAll(header.allValues());
    }
    return new RawRequest(
        request.prologue().method().text(),
        request.prologue().uriPath().rawPath(),
        request.prologue().query().rawValue(),
        headers,
        () -> request.content().inputStream());
  }
}
