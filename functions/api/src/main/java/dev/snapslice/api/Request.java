package dev.snapslice.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.version.ObjectKey;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A request, as API Gateway's HTTP API tells it (payload 2.0).
 *
 * @param route the method and the path with names of parameters in braces
 * @param path parameters by name, decoded
 * @param query parameters by name, decoded
 * @param headers by lower-case name
 * @param body as it was sent
 * @param authorizer what API Gateway found out about the caller
 * @see <a
 *     href="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html">Payload
 *     format</a>
 */
record Request(
    String route,
    Map<String, String> path,
    Map<String, String> query,
    Map<String, String> headers,
    byte[] body,
    JsonNode authorizer) {

  static Request parse(JsonNode event) {
    Map<String, String> path = new HashMap<>();
    // No bucket, spec, label or id holds a percent sign: what does is not decoded yet.
    event
        .path("pathParameters")
        .properties()
        .forEach(p -> path.put(p.getKey(), Query.percentDecoded(p.getValue().asText())));
    Map<String, String> headers = new HashMap<>();
    event.path("headers").properties().forEach(h -> headers.put(h.getKey(), h.getValue().asText()));
    return new Request(
        event.path("routeKey").asText(),
        path,
        Query.parse(event.path("rawQueryString").asText("")),
        headers,
        body(event),
        event.path("requestContext").path("authorizer"));
  }

  private static byte[] body(JsonNode event) {
    String text = event.path("body").asText("");
    return event.path("isBase64Encoded").asBoolean()
        ? Base64.getDecoder().decode(text)
        : text.getBytes(UTF_8);
  }

  /**
   * Who asks: by a token that {@link AuthorizerHandler} let through; signed for IAM, whose policies
   * then decide who may invoke a route at all: an administrator; or signed in with Cognito, in a
   * group that is named as a role.
   */
  Caller caller() {
    JsonNode token = authorizer.path("lambda");
    if (token.hasNonNull("grant")) {
      return new Caller(
          token.path("principal").asText(), Json.read(token.path("grant").asText(), Grant.class));
    }
    JsonNode signer = authorizer.path("iam");
    if (signer.hasNonNull("userArn")) {
      return new Caller(signer.path("userArn").asText(), Grant.everywhere(Role.ADMIN));
    }
    JsonNode claims = authorizer.path("jwt").path("claims");
    if (claims.hasNonNull("sub")) {
      // API Gateway tells a claim that is an array as text: [one two].
      String groups = claims.path("cognito:groups").asText("");
      return Caller.signedIn(principal(), List.of(groups.split("[\\[\\], ]+")));
    }
    throw Problem.unauthorized();
  }

  /** Who asks, for logs. */
  String principal() {
    return Stream.of(
            authorizer.path("lambda").path("principal"),
            authorizer.path("iam").path("userArn"),
            authorizer.path("jwt").path("claims").path("username"),
            authorizer.path("jwt").path("claims").path("cognito:username"),
            authorizer.path("jwt").path("claims").path("sub"))
        .filter(JsonNode::isTextual)
        .map(JsonNode::asText)
        .findFirst()
        .orElse("anybody");
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
    return Optional.ofNullable(headers.get(name));
  }

  /** The body's fields, of which only these are known. */
  Fields fields(String... known) {
    return Fields.parse(body, known);
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
