package dev.snapslice.proxy.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/**
 * What an {@code Authorization} header shows, other than a signature.
 *
 * @param scheme in small letters; empty where there is none
 * @param shown what follows it
 */
public record Authorization(String scheme, String shown) {

  /**
   * A name and a password.
   *
   * @see <a href="https://www.rfc-editor.org/rfc/rfc7617">RFC 7617</a>
   */
  public record Basic(String name, String password) {}

  public static Authorization parse(String header) {
    int space = header.indexOf(' ');
    return new Authorization(
        header.substring(0, Math.max(space, 0)).toLowerCase(Locale.ROOT),
        header.substring(space + 1).strip());
  }

  /** What a basic one shows; empty if it is none. */
  public Optional<Basic> basic() {
    try {
      String pair = new String(Base64.getDecoder().decode(shown), UTF_8);
      int colon = pair.indexOf(':');
      return colon < 0
          ? Optional.empty()
          : Optional.of(new Basic(pair.substring(0, colon), pair.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
