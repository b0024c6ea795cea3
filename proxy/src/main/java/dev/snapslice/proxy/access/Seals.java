package dev.snapslice.proxy.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.snapslice.core.access.Credential.Kind;
import dev.snapslice.core.json.Json;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What the fleet hands out and later believes: sealed with the secret of the credential for which
 * it was made, so that every node can check it and nothing is kept, and it ends with the
 * credential. Thread-safe.
 */
public final class Seals {
  private static final int ID_LENGTH = 20;
  private static final int HEAD = 1 + ID_LENGTH;
  private static final String ALGORITHM = "HmacSHA256";

  private final KnownCredentials credentials;

  /** For what something was sealed: one is never taken for another. */
  public enum Purpose {
    ACCESS_TOKEN,
    DATA,
    DELEGATION
  }

  /** A value that was sealed, and for whom. */
  public record Opened<T>(Holder holder, T value) {}

  public Seals(KnownCredentials credentials) {
    this.credentials = credentials;
  }

  /** A seal of bytes: whose it is, and a MAC. */
  public byte[] seal(Purpose purpose, Holder holder, byte[] content) {
    byte[] mac = mac(purpose, holder, content);
    String id = holder.issued().credential().id();
    return ByteBuffer.allocate(HEAD + mac.length)
        .put((byte) letter(holder.kind()))
        .put(id.getBytes(UTF_8))
        .put(mac)
        .array();
  }

  /** Who was given a seal of these bytes; empty if we did not, or no longer stand to it. */
  public Optional<Holder> holder(Purpose purpose, byte[] seal, byte[] content) {
    if (seal.length <= HEAD) {
      return Optional.empty();
    }
    String id = new String(seal, 1, ID_LENGTH, UTF_8);
    byte[] mac = Arrays.copyOfRange(seal, HEAD, seal.length);
    return Stream.of(Kind.TOKEN, Kind.ACCESS_KEY)
        .filter(kind -> letter(kind) == seal[0])
        .flatMap(
            kind -> credentials.find(kind, id).map(issued -> new Holder(kind, issued)).stream())
        .filter(holder -> MessageDigest.isEqual(mac, mac(purpose, holder, content)))
        .findFirst();
  }

  private static char letter(Kind kind) {
    return switch (kind) {
      case TOKEN -> 'T';
      case ACCESS_KEY -> 'K';
      case SESSION -> throw new IllegalArgumentException("nothing is derived from a session");
    };
  }

  /** A value as a text that fits into a URL. */
  public String text(Purpose purpose, Holder holder, Object value) {
    byte[] content = Json.write(value).getBytes(UTF_8);
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    return encoder.encodeToString(seal(purpose, holder, content))
        + "."
        + encoder.encodeToString(content);
  }

  /** What a text says; empty if we did not write it, or no longer stand to it. */
  public <T> Optional<Opened<T>> open(Purpose purpose, String text, Class<T> type) {
    int dot = text.indexOf('.');
    try {
      byte[] seal = Base64.getUrlDecoder().decode(text.substring(0, Math.max(dot, 0)));
      byte[] content = Base64.getUrlDecoder().decode(text.substring(dot + 1));
      return holder(purpose, seal, content)
          .map(holder -> new Opened<>(holder, Json.read(new String(content, UTF_8), type)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static byte[] mac(Purpose purpose, Holder holder, byte[] content) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(holder.issued().secret().getBytes(UTF_8), ALGORITHM));
      mac.update(("snapslice " + purpose + "\n").getBytes(UTF_8));
      return mac.doFinal(content);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
