package dev.snapslice.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/**
 * What another store's webhook shows to be believed. Kept as a plain SHA-256 only: it is long, and
 * mostly made up by us, so there is nothing to guess.
 */
record WebhookSecret(String text) {
  private static final String BEARER = "bearer ";

  WebhookSecret {
    if (!text.matches("[!-~]{20,512}")) {
      throw new IllegalArgumentException(
          "a webhook's secret has 20 to 512 printable ASCII characters and no space");
    }
  }

  static WebhookSecret of(String text) {
    return Request.checked(() -> new WebhookSecret(text));
  }

  static WebhookSecret random() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return new WebhookSecret(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }

  String hash() {
    return HexFormat.of().formatHex(digest(text));
  }

  /**
   * Whether an {@code Authorization} header shows the secret of this hash, bare or as a bearer's.
   */
  static boolean shows(String header, String hash) {
    boolean bearer = header.regionMatches(true, 0, BEARER, 0, BEARER.length());
    String shown = bearer ? header.substring(BEARER.length()).strip() : header.strip();
    return MessageDigest.isEqual(digest(shown), HexFormat.of().parseHex(hash));
  }

  private static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String toString() {
    return "WebhookSecret";
  }
}
