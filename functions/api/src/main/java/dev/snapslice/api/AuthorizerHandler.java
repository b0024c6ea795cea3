package dev.snapslice.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Credential;
import dev.snapslice.core.access.Credentials;
import dev.snapslice.core.access.Credentials.Token;
import dev.snapslice.core.access.Secrets;
import dev.snapslice.core.install.Installation;
import dev.snapslice.core.json.Json;
import dev.snapslice.runtime.AwsClients;
import dev.snapslice.runtime.Invocation;
import dev.snapslice.runtime.Priming;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.kms.KmsClient;

/**
 * Tells API Gateway whose token a request shows, as a bearer or as a password, or whose session: in
 * front of MLflow CloudFront makes that header of a browser's cookie. API Gateway remembers the
 * answer for as long as the CDK's API stack says: a revoked token works that much longer.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html">Lambda
 *     authorizers, simple responses</a>
 */
public final class AuthorizerHandler implements RequestStreamHandler {
  private static final String BEARER = "bearer ";
  private static final String BASIC = "basic ";
  private static final String SESSION = "session ";

  /** What a header shows. */
  private record Shown(Optional<Token> token, boolean session) {}

  private final Credentials credentials;

  public AuthorizerHandler() {
    this(credentials(Installation.from(System.getenv()), new AwsClients()));
  }

  AuthorizerHandler(Credentials credentials) {
    this.credentials = credentials;
    Priming.register(() -> credentials.get(Credential.Kind.TOKEN, "priming"), () -> {});
  }

  private static Credentials credentials(Installation installation, AwsClients aws) {
    return new Credentials(
        aws.client(DynamoDbClient::builder).get(),
        installation.catalogTable(),
        new Secrets(aws.client(KmsClient::builder), installation.keyId()),
        InstantSource.system());
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    ObjectNode answer =
        Invocation.<ObjectNode, IOException>run(
            "authorize",
            context,
            invocation -> {
              Shown shown = shown(Json.MAPPER.readTree(input));
              Optional<Credential> known = shown.token().flatMap(credentials::authenticate);
              invocation.note("credential", known.map(Credential::id).orElse("unknown"));
              invocation.count(known.isPresent() ? "TokensAccepted" : "TokensRefused", 1);
              return answer(known, shown.session());
            });
    Json.MAPPER.writeValue(output, answer);
  }

  private static Shown shown(JsonNode event) {
    String header = event.path("headers").path("authorization").asText("");
    if (begins(header, SESSION)) {
      return new Shown(Token.inCookie(header.substring(SESSION.length())), true);
    }
    if (begins(header, BEARER)) {
      return new Shown(Token.of(header.substring(BEARER.length()).strip()), false);
    }
    return new Shown(
        begins(header, BASIC)
            ? password(header.substring(BASIC.length())).flatMap(Token::of)
            : Optional.empty(),
        false);
  }

  private static boolean begins(String header, String scheme) {
    return header.regionMatches(true, 0, scheme, 0, scheme.length());
  }

  /** What comes after the first colon: a token says itself whose it is. */
  private static Optional<String> password(String credentials) {
    try {
      String decoded = new String(Base64.getDecoder().decode(credentials.strip()), UTF_8);
      int colon = decoded.indexOf(':');
      return colon < 0 ? Optional.empty() : Optional.of(decoded.substring(colon + 1));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static ObjectNode answer(Optional<Credential> known, boolean session) {
    ObjectNode answer = Json.MAPPER.createObjectNode();
    answer.put("isAuthorized", known.isPresent());
    known.ifPresent(credential ->
        answer
            .putObject("context")
            .put("principal", credential.principal())
            .put("grant", Json.write(credential.grant()))
            .put("token", credential.id())
            .put("session", session));
    return answer;
  }
}
