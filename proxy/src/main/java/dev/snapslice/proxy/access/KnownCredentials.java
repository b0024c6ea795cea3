package dev.snapslice.proxy.access;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.snapslice.core.access.Credential.Kind;
import dev.snapslice.core.access.Credentials;
import dev.snapslice.core.access.Credentials.Issued;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Credentials with their secrets, remembered for half a minute: a revoked one stops working within
 * that. Thread-safe.
 */
public final class KnownCredentials {
  private static final Duration REMEMBERED = Duration.ofSeconds(30);
  private static final Pattern ID = Pattern.compile("[A-Z0-9]{20}");
  private static final int MOST = 10_000;

  private final LoadingCache<Question, Optional<Issued>> known;
  private final InstantSource clock;

  private record Question(Kind kind, String id) {}

  public KnownCredentials(Credentials credentials, InstantSource clock) {
    this.known =
        Caffeine.newBuilder()
            .maximumSize(MOST)
            .expireAfterWrite(REMEMBERED)
            .build(asked -> credentials.valid(asked.kind(), asked.id()));
    this.clock = clock;
  }

  /** A valid credential; empty if there is none of that id. */
  public Optional<Issued> find(Kind kind, String id) {
    return ID.matcher(id).matches()
        ? known
            .get(new Question(kind, id))
            .filter(issued -> !issued.credential().grant().expired(clock.instant()))
        : Optional.empty();
  }

  /** Who holds an API token, as it is sent. */
  public Optional<Holder> token(String text) {
    return Credentials.Token.of(text).flatMap(this::holder);
  }

  /** Whose browser has a session, as its cookie holds it. */
  public Optional<Holder> session(String text) {
    return Credentials.Token.inCookie(text).flatMap(this::holder);
  }

  private Optional<Holder> holder(Credentials.Token shown) {
    return holder(shown.kind(), shown.id(), shown.secret());
  }

  /** Who holds an access key. */
  public Optional<Holder> accessKey(String id, String secret) {
    return holder(Kind.ACCESS_KEY, id, secret);
  }

  private Optional<Holder> holder(Kind kind, String id, String secret) {
    return find(kind, id)
        .filter(issued -> issued.hasSecret(secret))
        .map(issued -> new Holder(kind, issued));
  }
}
