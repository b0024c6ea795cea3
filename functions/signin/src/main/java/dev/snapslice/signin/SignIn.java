package dev.snapslice.signin;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.snapslice.core.access.Credential;
import dev.snapslice.core.access.Credential.Kind;
import dev.snapslice.core.access.Credentials;
import dev.snapslice.core.access.Credentials.Token;
import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.runtime.GatewayEvent;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How a browser's session begins and ends: all that is below {@code /auth}. Thread-safe. */
final class SignIn {
  /** Where the provider leads who has signed out. */
  static final String SIGNED_OUT = "/auth/signed-out";

  private static final String CREDENTIALS = "/auth/credentials";
  private static final Duration ATTEMPT = Duration.ofMinutes(10);
  private static final String SCHEME = "Session ";

  private final SignInSettings settings;
  private final Provider provider;
  private final Credentials credentials;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  SignIn(SignInSettings settings, Credentials credentials, InstantSource clock) {
    this.settings = settings;
    this.provider = new Provider(settings);
    this.credentials = credentials;
    this.clock = clock;
  }

  /**
   * Answers a request.
   *
   * @throws RefusedException if it is refused
   */
  Answer answer(GatewayEvent event) {
    // A session opens MLflow, these the buckets, too: so an installation has to allow them.
    if (event.rawPath().equals(CREDENTIALS) && !settings.givesCredentials()) {
      throw RefusedException.forbidden("Here an administrator gives out API tokens.");
    }
    return switch (event.method() + " " + event.rawPath()) {
      case "GET /auth/login" -> login(event.queryParameters());
      case "GET /auth/callback" -> callback(event);
      case "GET /auth/logout" -> Answer.page(200, Pages.logout());
      case "POST /auth/logout" -> logout(event.headers());
      case "GET " + SIGNED_OUT -> Answer.page(200, Pages.signedOut());
      case "GET " + CREDENTIALS -> Answer.page(200, Pages.credentials());
      case "POST " + CREDENTIALS -> credentials(event.headers());
      default -> throw RefusedException.noRoute();
    };
  }

  private Answer login(Map<String, String> query) {
    if (!query.containsKey("return")) {
      return Answer.page(200, Pages.login());
    }
    Attempt attempt = Attempt.begin(random, ReturnPath.parse(query.get("return")));
    // Lax: it is the provider's page that leads back.
    return Answer.see(provider.authorization(attempt))
        .with(cookie("sign-in", attempt.cookie(), "Lax", ATTEMPT));
  }

  private Answer callback(GatewayEvent event) {
    Map<String, String> query = event.queryParameters();
    Attempt attempt =
        event
            .cookie(name("sign-in"))
            .flatMap(Attempt::parse)
            .filter(begun -> begun.hasState(query.getOrDefault("state", "")))
            .orElseThrow(() ->
                RefusedException.invalid(
                    "This is not what your browser has begun, or it took longer than ten minutes."));
    if (query.containsKey("iss") && !query.get("iss").equals(settings.issuer().toString())) {
      throw RefusedException.invalid("Another provider answers.");
    }
    if (!query.containsKey("code")) {
      throw RefusedException.forbidden("The provider did not let you in.");
    }
    JWTClaimsSet said = provider.redeem(query.get("code"), attempt);
    return Answer.page(200, Pages.welcome(attempt.back()))
        .with(cookie("session", begin(said), "Strict", settings.session()))
        .with(cookie("sign-in", "", "Lax", Duration.ZERO));
  }

  private String begin(JWTClaimsSet said) {
    Role role =
        settings
            .groups()
            .role(said.getClaims())
            .orElseThrow(
                () -> RefusedException.forbidden("You are in no group that may use MLflow here."));
    if (!(said.getClaim(settings.nameClaim()) instanceof String principal)) {
      throw RefusedException.forbidden("The provider does not tell your name.");
    }
    Instant end = clock.instant().plus(settings.session());
    Grant grant =
        new Grant(role, List.of(), "", Optional.empty(), Optional.empty(), Optional.of(end));
    try {
      return credentials.begin(principal, grant).cookie();
    } catch (IllegalArgumentException e) {
      throw RefusedException.forbidden("Your name is longer than 128 characters, or not of ASCII.");
    }
  }

  /** The cookie counts for nothing from then on, wherever else it is. */
  private Answer logout(Map<String, String> headers) {
    checkOurs(headers);
    session(headers).ifPresent(session -> credentials.revoke(Kind.SESSION, session.id()));
    URI next = provider.signOut().orElseGet(() -> URI.create(settings.address() + SIGNED_OUT));
    return Answer.see(next).with(cookie("session", "", "Strict", Duration.ZERO));
  }

  private Answer credentials(Map<String, String> headers) {
    checkOurs(headers);
    Credential session =
        session(headers).orElseThrow(() -> RefusedException.forbidden("You are not signed in."));
    return Answer.page(
        200,
        Pages.credentials(
            settings.address(),
            credentials.issueWithin(session, Kind.TOKEN),
            credentials.issueWithin(session, Kind.ACCESS_KEY)));
  }

  private Optional<Credential> session(Map<String, String> headers) {
    return Optional.ofNullable(headers.get("authorization"))
        .filter(header -> header.startsWith(SCHEME))
        .flatMap(header -> Token.inCookie(header.substring(SCHEME.length())))
        .filter(shown -> shown.kind() == Kind.SESSION)
        .flatMap(credentials::authenticate);
  }

  private static void checkOurs(Map<String, String> headers) {
    if (!"same-origin".equals(headers.get("sec-fetch-site"))) {
      throw RefusedException.forbidden("Another site asks for that.");
    }
  }

  /** With the prefix no other host of our domain can set it, and only we can read it. */
  private String name(String what) {
    return (settings.secure() ? "__Host-snapslice-" : "snapslice-") + what;
  }

  private String cookie(String what, String value, String sameSite, Duration age) {
    return "%s=%s; Path=/; HttpOnly; SameSite=%s; Max-Age=%d%s"
        .formatted(
            name(what), value, sameSite, age.toSeconds(), settings.secure() ? "; Secure" : "");
  }
}
