package dev.snapslice.proxy.webhdfs;

import dev.snapslice.proxy.access.Authorization;
import dev.snapslice.proxy.access.Holder;
import dev.snapslice.proxy.access.KnownCredentials;
import dev.snapslice.proxy.access.Seals;
import dev.snapslice.proxy.access.Seals.Purpose;
import dev.snapslice.proxy.http.RawRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Tells who sent a request, by what stock clients can send: a delegation token, an access token of
 * {@link #accessToken}, an API token as bearer or as user name, an access key or API token by HTTP
 * Basic. A user name alone proves nothing. Thread-safe.
 */
final class Authentication {
  static final Duration ACCESS_TOKEN_LIFE = Duration.ofHours(1);

  private final KnownCredentials credentials;
  private final Seals seals;
  private final DelegationTokens delegation;
  private final InstantSource clock;

  /** What an access token says beside whose it is. */
  private record AccessToken(Instant end) {}

  Authentication(
      KnownCredentials credentials, Seals seals, DelegationTokens delegation, InstantSource clock) {
    this.credentials = credentials;
    this.seals = seals;
    this.delegation = delegation;
    this.clock = clock;
  }

  /**
   * Who sent it.
   *
   * @throws RemoteException if nobody we know did
   */
  Holder holder(RawRequest request) {
    Holder holder = proven(request);
    request.audit().by(holder.issued().credential().id());
    return holder;
  }

  private Holder proven(RawRequest request) {
    Optional<String> token = request.parameter("delegation");
    if (token.isPresent()) {
      return delegation.holder(token.get());
    }
    return request
        .header("authorization")
        .map(this::authorized)
        .orElseGet(() -> request.parameter("user.name").flatMap(credentials::token))
        .orElseThrow(RemoteException::unauthenticated);
  }

  private Optional<Holder> authorized(String header) {
    Authorization sent = Authorization.parse(header);
    return switch (sent.scheme()) {
      case "bearer" -> credentials.token(sent.shown()).or(() -> accessToken(sent.shown()));
      case "basic" -> sent.basic().flatMap(basic -> either(basic.name(), basic.password()));
      default -> Optional.empty();
    };
  }

  private Optional<Holder> accessToken(String shown) {
    return seals
        .open(Purpose.ACCESS_TOKEN, shown, AccessToken.class)
        .filter(opened -> clock.instant().isBefore(opened.value().end()))
        .map(Seals.Opened::holder);
  }

  /** An access key and its secret, or any name and an API token. */
  private Optional<Holder> either(String id, String secret) {
    return credentials.accessKey(id, secret).or(() -> credentials.token(secret));
  }

  /** A new access token for the holder of an access key or API token; empty if it is none. */
  Optional<String> accessToken(String id, String secret) {
    AccessToken token = new AccessToken(clock.instant().plus(ACCESS_TOKEN_LIFE));
    return either(id, secret).map(holder -> seals.text(Purpose.ACCESS_TOKEN, holder, token));
  }
}
