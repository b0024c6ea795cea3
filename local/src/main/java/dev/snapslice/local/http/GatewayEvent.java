package dev.snapslice.local.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/** The event that a request becomes, for the function and for its authoriser. */
final class GatewayEvent {
  private static final ObjectMapper json = new ObjectMapper();
  private static final DateTimeFormatter CLF =
      DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT);
  private static final Pattern TEXT =
      Pattern.compile("text/.*|.*(json|xml|javascript|x-www-form-urlencoded).*");
  private static final String ACCOUNT = "123456789012";

  private final Map<String, String> headers = new LinkedHashMap<>();
  private final ObjectNode event = json.createObjectNode();
  private final String routeKey;

  GatewayEvent(HttpExchange exchange, Headers asked, Route.Match match, byte[] body) {
    asked.forEach(
        (name, values) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(",", values)));
    routeKey = match.route().key();
    String query = Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse("");
    event.put("version", "2.0");
    event.put("routeKey", routeKey);
    event.put("rawPath", exchange.getRequestURI().getRawPath());
    event.put("rawQueryString", query);
    Optional.ofNullable(headers.remove("cookie"))
        .ifPresent(cookies -> event.set("cookies", json.valueToTree(cookies.split("[;,] *"))));
    event.set("headers", json.valueToTree(headers));
    if (!query.isEmpty()) {
      event.set("queryStringParameters", json.valueToTree(parameters(query)));
    }
    if (!match.parameters().isEmpty()) {
      event.set("pathParameters", json.valueToTree(match.parameters()));
    }
    event.set("requestContext", context(exchange));
    boolean text = TEXT.matcher(headers.getOrDefault("content-type", "text/plain")).matches();
    event.put("isBase64Encoded", !text);
    if (body.length > 0) {
      event.put(
          "body",
          text
              ? new String(body, StandardCharsets.UTF_8)
              : Base64.getEncoder().encodeToString(body));
    }
  }

  /** By lower-case name; repeated ones joined by a comma, as API Gateway does. */
  Map<String, String> headers() {
    return headers;
  }

  /** Says who calls; {@code kind} is {@code lambda} or {@code iam}. */
  void authorizedBy(String kind, JsonNode who) {
    ((ObjectNode) event.get("requestContext")).putObject("authorizer").set(kind, who);
  }

  ObjectNode forFunction() {
    return event;
  }

  /**
   * The <a
   * href="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html">authoriser's
   * payload 2.0</a>.
   */
  ObjectNode forAuthorizer() {
    ObjectNode asked = event.deepCopy();
    asked.remove("body");
    asked.remove("isBase64Encoded");
    asked.put("type", "REQUEST");
    asked.put(
        "routeArn",
        "arn:aws:execute-api:us-east-1:%s:local/$default/%s"
            .formatted(ACCOUNT, routeKey.replace(" ", "")));
    asked.putArray("identitySource").add(headers.get("authorization"));
    return asked;
  }

  /** Who signed with the local credentials. */
  static ObjectNode localCaller() {
    ObjectNode caller = json.createObjectNode();
    caller.put("accessKey", HttpApi.ACCESS_KEY);
    caller.put("accountId", ACCOUNT);
    caller.put("callerId", "AIDALOCAL");
    caller.put("userArn", "arn:aws:iam::" + ACCOUNT + ":user/local");
    caller.put("userId", "AIDALOCAL");
    return caller;
  }

  private ObjectNode context(HttpExchange exchange) {
    ZonedDateTime now = ZonedDateTime.now(ZoneOffset.UTC);
    ObjectNode context = json.createObjectNode();
    context.put("accountId", ACCOUNT);
    context.put("apiId", "local");
    context.put("domainName", headers.getOrDefault("host", "localhost"));
    context.put("domainPrefix", "local");
    context
        .putObject("http")
        .put("method", exchange.getRequestMethod())
        .put("path", exchange.getRequestURI().getRawPath())
        .put("protocol", exchange.getProtocol())
        .put("sourceIp", exchange.getRemoteAddress().getAddress().getHostAddress())
        .put("userAgent", headers.getOrDefault("user-agent", ""));
    context.put("requestId", UUID.randomUUID().toString());
    context.put("routeKey", routeKey);
    context.put("stage", "$default");
    context.put("time", CLF.format(now));
    context.put("timeEpoch", now.toInstant().toEpochMilli());
    return context;
  }

  private static Map<String, String> parameters(String query) {
    var parameters = new LinkedHashMap<String, String>();
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      parameters.merge(decode(name), decode(value), (one, other) -> one + "," + other);
    }
    return parameters;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
