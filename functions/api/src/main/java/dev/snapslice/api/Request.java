package dev.snapslice.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.snapslice.core.access.Caller;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.runtime.GatewayEvent;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A request of the REST API.
 *
 * @param event of API Gateway
 * @param path parameters by name, decoded
 * @param query parameters by name, decoded
 */
record Request(GatewayEvent event, Map<String, String> path, Map<String, String> query) {

  static Request parse(GatewayEvent event) {
    Map<String, String> path = event.pathParameters();
    // No bucket, spec, label or id holds a percent sign: what does is not decoded yet.
    path.replaceAll((name, value) -> Query.percentDecoded(value));
    return new Request(event, path, Query.parse(event.rawQuery()));
  }

  /** The method and the path with names of parameters in braces. */
  String route() {
    return event.routeKey();
  }

  byte[] body() {
    return event.body();
  }

  /** Who asks. */
  Caller caller() {
    if (event.inBrowser()) {
      throw Problem.forbidden("a browser's session opens MLflow alone: use an API token");
    }
    return event.caller().orElseThrow(Problem::unauthorized);
  }

  /** Who asks, for logs. */
  String principal() {
    return event.principal();
  }

  /** A parameter of the path: the route has it. */
  String path(String name) {
    return path.get(name);
  }

  String query(String name, String otherwise) {
    return query.getOrDefault(name, otherwise);
  }

  Optional<String> query(String name) {
    return Optional.ofNullable(query.get(name));
  }

  String required(String name) {
    return query(name)
        .orElseThrow(() -> Problem.invalid("the parameter '" + name + "' is missing"));
  }

  int query(String name, int otherwise, int least, int most) {
    return query(name)
        .map(text -> {
          if (!text.matches("[0-9]{1,9}")
              || Integer.parseInt(text) < least
              || Integer.parseInt(text) > most) {
            throw Problem.invalid(
                "%s=%s: want a number from %d to %d".formatted(name, text, least, most));
          }
          return Integer.parseInt(text);
        })
        .orElse(otherwise);
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(event.headers().get(name));
  }

  /** The body's fields, of which only these are known. */
  Fields fields(String... known) {
    return Fields.parse(body(), known);
  }

  /** A prefix, or where to start: no key is longer, and DynamoDB takes nothing that is. */
  static String bounded(String text) {
    if (text.getBytes(UTF_8).length > ObjectKey.MAX_BYTES) {
      throw Problem.invalid("no key has more than 1,024 bytes, so that finds none");
    }
    return text;
  }

  /**
   * Makes a value of the domain out of what was sent; what it does not take is the caller's fault.
   */
  static <T> T checked(Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw Problem.invalid(e.getMessage());
    }
  }
}
