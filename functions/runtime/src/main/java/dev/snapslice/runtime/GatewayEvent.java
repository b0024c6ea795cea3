package dev.snapslice.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A request, as API Gateway's HTTP API tells a function of it (payload 2.0), and its answer.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html">Payload
 *     format</a>
 */
public record GatewayEvent(JsonNode json) {
  /**
   * Most bytes of an answer that Lambda hands over, in which quotes and backslashes count twice.
   *
   * @see <a
   *     href="https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html">Quotas</a>
   */
  public static final int LARGEST_ANSWER = 5_500_000;

  private static final String SITE = "sec-fetch-site";

  /** Reads what Lambda hands to a function. */
  public static GatewayEvent read(InputStream input) throws IOException {
    return new GatewayEvent(Json.MAPPER.readTree(input));
  }

  /** The method and the path of the route, with names of parameters in braces. */
  public String routeKey() {
    return json.path("routeKey").asText();
  }

  public String method() {
    return json.path("requestContext").path("http").path("method").asText();
  }

  /** The path as it was sent. */
  public String rawPath() {
    return json.path("rawPath").asText();
  }

  /** The query as it was sent, without its question mark. */
  public String rawQuery() {
    return json.path("rawQueryString").asText("");
  }

  /** Of the route, by name. */
  public Map<String, String> pathParameters() {
    return texts(json.path("pathParameters"));
  }

  /** Of the query, decoded, by name; API Gateway joins those of one name by commas. */
  public Map<String, String> queryParameters() {
    return texts(json.path("queryStringParameters"));
  }

  /** By lower-case name. */
  public Map<String, String> headers() {
    return texts(json.path("headers"));
  }

  /** Of which site's page a browser says that it asks for. */
  private Optional<String> site() {
    return Optional.ofNullable(headers().get(SITE));
  }

  /** The value of a cookie. */
  public Optional<String> cookie(String name) {
    return json.path("cookies")
        .valueStream()
        .map(JsonNode::asText)
        .filter(cookie -> cookie.startsWith(name + "="))
        .map(cookie -> cookie.substring(name.length() + 1))
        .findFirst();
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new HashMap<>();
    object.properties().forEach(each -> texts.put(each.getKey(), each.getValue().asText()));
    return texts;
  }

  /** The body as it was sent. */
  public byte[] body() {
    String text = json.path("body").asText("");
    return json.path("isBase64Encoded").asBoolean()
        ? Base64.getDecoder().decode(text)
        : text.getBytes(UTF_8);
  }

  /**
   * Another request for which API Gateway would have named the same caller, with JSON as its body.
   */
  public GatewayEvent instead(String method, String path, String body) {
    ObjectNode other = Json.MAPPER.createObjectNode();
    ObjectNode context = other.putObject("requestContext");
    context.set("authorizer", authorizer());
    context.putObject("http").put("method", method);
    ObjectNode headers = other.putObject("headers").put("content-type", "application/json");
    site().ifPresent(site -> headers.put(SITE, site));
    return new GatewayEvent(other.put("rawPath", path).put("body", body));
  }

  private JsonNode authorizer() {
    return json.path("requestContext").path("authorizer");
  }

  /**
   * Who asks: by a token or a browser's session that our authorizer let through; signed for IAM,
   * whose policies then decide who may invoke a route at all: an administrator; or signed in with
   * Cognito, in a group that is named as a role. Empty where API Gateway found nobody.
   *
   * @throws dev.snapslice.core.access.ForbiddenException if they may not ask for that at all
   */
  public Optional<Caller> caller() {
    JsonNode token = authorizer().path("lambda");
    if (token.hasNonNull("grant")) {
      String principal = token.path("principal").asText();
      Grant grant = Json.read(token.path("grant").asText(), Grant.class);
      // Asked here and not by the authorizer, whose answer API Gateway remembers.
      return Optional.of(
          inBrowser()
              ? Caller.inBrowser(principal, grant, method(), site())
              : new Caller(principal, grant, Optional.ofNullable(token.path("token").textValue())));
    }
    JsonNode signer = authorizer().path("iam");
    if (signer.hasNonNull("userArn")) {
      return Optional.of(new Caller(signer.path("userArn").asText(), Grant.everywhere(Role.ADMIN)));
    }
    JsonNode claims = authorizer().path("jwt").path("claims");
    if (claims.hasNonNull("sub")) {
      // API Gateway tells a claim that is an array as text: [one two].
      String groups = claims.path("cognito:groups").asText("");
      return Optional.of(Caller.signedIn(principal(), List.of(groups.split("[\\[\\], ]+"))));
    }
    return Optional.empty();
  }

  /** Whether it is a browser's session by which the caller is known. */
  public boolean inBrowser() {
    return authorizer().path("lambda").path("session").asBoolean();
  }

  /** Who asks, for logs. */
  public String principal() {
    JsonNode claims = authorizer().path("jwt").path("claims");
    return Stream.of(
            authorizer().path("lambda").path("principal"),
            authorizer().path("iam").path("userArn"),
            claims.path("username"),
            claims.path("cognito:username"),
            claims.path("sub"))
        .filter(JsonNode::isTextual)
        .map(JsonNode::asText)
        .findFirst()
        .orElse("anybody");
  }

  /** An answer as API Gateway wants it from a function. */
  public static ObjectNode answer(int status, Map<String, String> headers, String body) {
    ObjectNode answer = Json.MAPPER.createObjectNode();
    answer.put("statusCode", status);
    ObjectNode shown = answer.putObject("headers");
    headers.forEach(shown::put);
    answer.put("body", body);
    answer.put("isBase64Encoded", false);
    return answer;
  }

  /** What a body counts against {@link #LARGEST_ANSWER}. */
  public static long size(String body) {
    return body.getBytes(UTF_8).length + body.chars().filter(c -> c == '"' || c == '\\').count();
  }

  /** Whether Lambda can hand over an answer with this body. */
  public static boolean fits(String body) {
    // No character counts more than four times.
    return body.length() < LARGEST_ANSWER / 4 || size(body) < LARGEST_ANSWER;
  }
}
