package dev.snapslice.signin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a browser keeps while its user is at the provider: by it we know that who comes back is who
 * went, and that the provider answers this question and no other.
 *
 * @param state comes back in the browser's address
 * @param verifier shows the provider that who fetches the token is who asked (PKCE)
 * @param nonce comes back within the token
 */
record Attempt(String state, String verifier, String nonce, ReturnPath back) {
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
  private static final Pattern COOKIE =
      Pattern.compile("([\\w-]{43})\\.([\\w-]{43})\\.([\\w-]{43})\\.([\\w-]{1,1400})");

  static Attempt begin(SecureRandom random, ReturnPath back) {
    return new Attempt(secret(random), secret(random), secret(random), back);
  }

  private static String secret(SecureRandom random) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return BASE64.encodeToString(bytes);
  }

  /** Reads {@link #cookie}; empty if it is none. */
  static Optional<Attempt> parse(String cookie) {
    Matcher parts = COOKIE.matcher(cookie);
    if (!parts.matches()) {
      return Optional.empty();
    }
    try {
      String back = new String(Base64.getUrlDecoder().decode(parts.group(4)), UTF_8);
      return Optional.of(
          new Attempt(parts.group(1), parts.group(2), parts.group(3), ReturnPath.parse(back)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  String cookie() {
    return String.join(
        ".", state, verifier, nonce, BASE64.encodeToString(back.text().getBytes(UTF_8)));
  }

  /** Compares in constant time. */
  boolean hasState(String shown) {
    return MessageDigest.isEqual(shown.getBytes(UTF_8), state.getBytes(UTF_8));
  }

  /**
   * What the provider is told first of the verifier.
   *
   * @see <a href="https://www.rfc-editor.org/rfc/rfc7636#section-4.2">RFC 7636</a>
   */
  String challenge() {
    try {
      return BASE64.encodeToString(
          MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String toString() {
    return "Attempt[" + back + "]";
  }
}
