package dev.snapslice.proxy.webhdfs;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.snapslice.core.access.CancelledTokens;
import dev.snapslice.proxy.access.Holder;
import dev.snapslice.proxy.access.Seals;
import dev.snapslice.proxy.access.Seals.Purpose;
import dev.snapslice.proxy.webhdfs.HadoopToken.Identifier;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Delegation tokens: what jobs of a cluster show in place of a credential. They end after seven
 * days, as HDFS's do, or with their credential; one that was cancelled stops working within half a
 * minute. Thread-safe.
 */
final class DelegationTokens {
  private static final Duration LIFE = Duration.ofDays(7);
  private static final Duration REMEMBERED = Duration.ofSeconds(30);
  private static final int MOST = 10_000;

  private final Seals seals;
  private final CancelledTokens cancelled;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();
  private final LoadingCache<String, Boolean> knownCancelled;

  DelegationTokens(Seals seals, CancelledTokens cancelled, InstantSource clock) {
    this.seals = seals;
    this.cancelled = cancelled;
    this.clock = clock;
    this.knownCancelled =
        Caffeine.newBuilder()
            .maximumSize(MOST)
            .expireAfterWrite(REMEMBERED)
            .build(cancelled::contains);
  }

  /** A new token, in its form for URLs. */
  String issue(Holder holder, String renewer) {
    Instant now = clock.instant();
    Instant end = now.plus(LIFE);
    Instant sooner =
        holder.issued().credential().grant().expires().filter(end::isAfter).orElse(end);
    Identifier identifier =
        new Identifier(
            holder.caller().principal(), renewer, now, sooner, random.nextInt(Integer.MAX_VALUE));
    byte[] written = identifier.written();
    return new HadoopToken(written, seals.seal(Purpose.DELEGATION, holder, written)).urlString();
  }

  /**
   * Whose token it is.
   *
   * @throws RemoteException if it is none of ours, has ended, or was cancelled
   */
  Holder holder(String urlString) {
    HadoopToken token = HadoopToken.parse(urlString).orElseThrow(DelegationTokens::unknown);
    Holder holder =
        sealed(token)
            .filter(found -> !knownCancelled.get(name(token)))
            .orElseThrow(DelegationTokens::unknown);
    end(token);
    return holder;
  }

  /** When it ends, whatever is done: that is never put off. */
  Instant renew(String urlString) {
    holder(urlString);
    return end(HadoopToken.parse(urlString).orElseThrow());
  }

  void cancel(String urlString) {
    holder(urlString);
    HadoopToken token = HadoopToken.parse(urlString).orElseThrow();
    cancelled.cancel(name(token), end(token));
    knownCancelled.put(name(token), true);
  }

  private Optional<Holder> sealed(HadoopToken token) {
    return seals.holder(Purpose.DELEGATION, token.password(), token.identifier());
  }

  private Instant end(HadoopToken token) {
    Instant end = Identifier.read(token.identifier()).end();
    if (!clock.instant().isBefore(end)) {
      throw RemoteException.invalidToken("The delegation token ended at " + end + ".");
    }
    return end;
  }

  /** A digest: what is kept must not prove anything. */
  private static String name(HadoopToken token) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(token.password());
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static RemoteException unknown() {
    return RemoteException.invalidToken("The delegation token is none of ours, or was taken back.");
  }
}
