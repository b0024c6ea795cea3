package dev.snapslice.signin;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import dev.snapslice.core.install.Lazy;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.text.ParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The OpenID provider: sends people to it, and takes its word for who they are. Thread-safe.
 *
 * @see <a href="https://openid.net/specs/openid-connect-core-1_0.html">OpenID Connect</a>
 * @see <a href="https://openid.net/specs/openid-connect-discovery-1_0.html">Discovery</a>
 */
final class Provider {
  private static final int TIMEOUT_MS = 5_000;
  private static final int MOST_BYTES = 256 * 1024;

  private final SignInSettings settings;
  private final Lazy<Places> places = new Lazy<>(this::discover);

  /** Where the provider is asked for what, and what checks its tokens. */
  private record Places(URI authorization, URI token, Optional<URI> signOut, IdTokens tokens) {}

  Provider(SignInSettings settings) {
    this.settings = settings;
  }

  private Places discover() {
    var web = new DefaultResourceRetriever(TIMEOUT_MS, TIMEOUT_MS, MOST_BYTES);
    try {
      URI document = URI.create(settings.issuer() + "/.well-known/openid-configuration");
      Map<String, Object> found =
          JSONObjectUtils.parse(web.retrieveResource(document.toURL()).getContent());
      if (!settings.issuer().toString().equals(found.get("issuer"))) {
        throw new IOException(document + " is of another issuer");
      }
      JWKSource<SecurityContext> keys =
          JWKSourceBuilder.create(JSONObjectUtils.getURI(found, "jwks_uri").toURL(), web)
              // Nothing runs between two requests of a function.
              .refreshAheadCache(false)
              .retrying(true)
              .build();
      return new Places(
          JSONObjectUtils.getURI(found, "authorization_endpoint"),
          JSONObjectUtils.getURI(found, "token_endpoint"),
          Optional.ofNullable(JSONObjectUtils.getURI(found, "end_session_endpoint")),
          new IdTokens(settings.issuer().toString(), settings.client(), keys));
    } catch (IOException | ParseException e) {
      throw RefusedException.unavailable(e);
    }
  }

  /** Where a browser begins an attempt. */
  URI authorization(Attempt attempt) {
    Map<String, String> query = new LinkedHashMap<>();
    query.put("response_type", "code");
    query.put("client_id", settings.client());
    query.put("redirect_uri", settings.callback().toString());
    query.put("scope", "openid");
    query.put("state", attempt.state());
    query.put("nonce", attempt.nonce());
    query.put("code_challenge", attempt.challenge());
    query.put("code_challenge_method", "S256");
    return with(places.get().authorization(), query);
  }

  /**
   * What the provider says of who has just come back with a code.
   *
   * @throws RefusedException if it does not know the code, or if its word cannot be believed
   */
  JWTClaimsSet redeem(String code, Attempt attempt) {
    Places at = places.get();
    Map<String, String> form = new LinkedHashMap<>();
    form.put("grant_type", "authorization_code");
    form.put("code", code);
    form.put("redirect_uri", settings.callback().toString());
    form.put("client_id", settings.client());
    form.put("code_verifier", attempt.verifier());
    String answer;
    try {
      answer = post(at.token(), form(form));
    } catch (IOException e) {
      throw RefusedException.unavailable(e);
    }
    try {
      String token = JSONObjectUtils.getString(JSONObjectUtils.parse(answer), "id_token");
      return at.tokens().verified(Optional.ofNullable(token).orElse(""), attempt.nonce());
    } catch (ParseException e) {
      throw RefusedException.invalid("The provider's answer cannot be read.", e);
    }
  }

  /** Where a browser ends its session with the provider, if that has such a place. */
  Optional<URI> signOut() {
    Map<String, String> query = new LinkedHashMap<>();
    query.put("client_id", settings.client());
    query.put("logout_uri", settings.address() + SignIn.SIGNED_OUT);
    return places.get().signOut().map(place -> with(place, query));
  }

  private static String post(URI place, String form) throws IOException {
    var connection = (HttpURLConnection) place.toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MS);
    connection.setReadTimeout(TIMEOUT_MS);
    connection.setInstanceFollowRedirects(false);
    connection.setDoOutput(true);
    connection.setRequestProperty("content-type", "application/x-www-form-urlencoded");
    connection.setRequestProperty("accept", "application/json");
    connection.getOutputStream().write(form.getBytes(UTF_8));
    int status = connection.getResponseCode();
    if (status >= 400 && status < 500) {
      throw RefusedException.invalid("The provider does not know this code, or not any more.");
    }
    if (status != 200) {
      throw new IOException(place + " answered " + status);
    }
    try (InputStream body = connection.getInputStream()) {
      return new String(body.readNBytes(MOST_BYTES), UTF_8);
    }
  }

  private static URI with(URI place, Map<String, String> query) {
    return URI.create(place + (place.getRawQuery() == null ? "?" : "&") + form(query));
  }

  private static String form(Map<String, String> fields) {
    return fields.entrySet().stream()
        .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), UTF_8))
        .collect(Collectors.joining("&"));
  }
}
