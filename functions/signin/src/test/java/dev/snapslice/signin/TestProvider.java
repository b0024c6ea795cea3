package dev.snapslice.signin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * An OpenID provider on this machine that takes each code once and from who asked for it (PKCE),
 * and tells lies if it is told to.
 */
final class TestProvider implements AutoCloseable {
  static final String CLIENT = "the-client";

  /** One for all: a key takes long to make. */
  private static final RSAKey KEY = newKey();

  private final HttpServer server;
  private final Map<String, Map<String, String>> codes = new HashMap<>();
  private UnaryOperator<JWTClaimsSet.Builder> lie = claims -> claims;
  private Function<JWTClaimsSet, String> sign = claims -> signed(claims, KEY);

  TestProvider() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  static RSAKey newKey() {
    try {
      return new RSAKeyGenerator(2048).keyID("one").generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  String issuer() {
    return "http://localhost:" + server.getAddress().getPort();
  }

  /** What a token says that is not true. */
  TestProvider lying(UnaryOperator<JWTClaimsSet.Builder> about) {
    lie = about;
    return this;
  }

  TestProvider signing(Function<JWTClaimsSet, String> by) {
    sign = by;
    return this;
  }

  /** Lets somebody in: the code with which the browser goes back. */
  String code(URI authorization) {
    Map<String, String> asked = fields(authorization.getRawQuery());
    String code = UUID.randomUUID().toString();
    codes.put(code, asked);
    return code;
  }

  static Map<String, String> fields(String query) {
    Map<String, String> fields = new HashMap<>();
    for (String pair : query.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      fields.put(parts[0], URLDecoder.decode(parts[1], UTF_8));
    }
    return fields;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      switch (exchange.getRequestURI().getPath()) {
        case "/.well-known/openid-configuration" ->
            send(
                exchange,
                200,
                """
                {"issuer": "%1$s", "authorization_endpoint": "%1$s/authorize", "token_endpoint": "%1$s/token",
                 "jwks_uri": "%1$s/keys", "end_session_endpoint": "%1$s/logout"}\
                """
                    .formatted(issuer()));
        case "/keys" -> send(exchange, 200, new JWKSet(KEY).toPublicJWKSet().toString());
        case "/token" -> token(exchange);
        default -> send(exchange, 404, "");
      }
    }
  }

  private void token(HttpExchange exchange) throws IOException {
    Map<String, String> form =
        fields(new String(exchange.getRequestBody().readAllBytes(), US_ASCII));
    Map<String, String> asked = codes.remove(form.get("code"));
    if (asked == null
        || !asked.get("code_challenge").equals(challenge(form.get("code_verifier")))
        || !asked.get("code_challenge_method").equals("S256")
        || !asked.get("redirect_uri").equals(form.get("redirect_uri"))
        || !asked.get("client_id").equals(form.get("client_id"))) {
      send(exchange, 400, "{\"error\": \"invalid_grant\"}");
      return;
    }
    Instant now = Instant.now();
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .issuer(issuer())
            .audience(CLIENT)
            .subject("a-subject")
            .claim("nonce", asked.get("nonce"))
            .claim("cognito:username", "ann")
            .claim("cognito:groups", List.of("snapslice-writer"))
            .claim("token_use", "id")
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plusSeconds(300)));
    send(
        exchange,
        200,
        "{\"id_token\": \"%s\", \"token_type\": \"Bearer\"}"
            .formatted(sign.apply(lie.apply(claims).build())));
  }

  private static String challenge(String verifier) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(US_ASCII)));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static String signed(JWTClaimsSet claims, RSAKey key) {
    try {
      var token =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(), claims);
      token.sign(new RSASSASigner(key));
      return token.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  static String unsigned(JWTClaimsSet claims) {
    return new PlainJWT(claims).serialize();
  }

  /** As if the public key, which everybody knows, were a secret. */
  static String signedWithThePublicKey(JWTClaimsSet claims) {
    try {
      var token =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(KEY.getKeyID()).build(), claims);
      token.sign(new MACSigner(KEY.toRSAPublicKey().getEncoded()));
      return token.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.sendResponseHeaders(status, body.length());
    exchange.getResponseBody().write(body.getBytes(UTF_8));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
