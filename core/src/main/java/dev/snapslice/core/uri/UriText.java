package dev.snapslice.core.uri;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

/**
 * Percent-encoding as AWS signs it: all but letters, digits, {@code - _ . ~} is encoded, in upper
 * case, a space as {@code %20}.
 */
public final class UriText {
  private static final String HEX = "0123456789ABCDEF";

  private UriText() {}

  public static String encode(String text) {
    return encode(text, "-_.~");
  }

  /** The same, with slashes as they are: a path. */
  public static String encodePath(String text) {
    return encode(text, "-_.~/");
  }

  /** As lists have it where a client asks for encoded keys: S3 sends forms' encoding there. */
  public static String encodeListed(String text) {
    return URLEncoder.encode(text, UTF_8).replace("%2F", "/");
  }

  private static String encode(String text, String plain) {
    StringBuilder encoded = new StringBuilder(text.length() + 16);
    for (byte b : text.getBytes(UTF_8)) {
      char c = (char) (b & 0xff);
      if ((c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || plain.indexOf(c) >= 0) {
        encoded.append(c);
      } else {
        encoded.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
      }
    }
    return encoded.toString();
  }

  /** Of a query: a plus is a space there. */
  public static String decodeQuery(String text) {
    return decode(text.replace('+', ' '));
  }

  /**
   * What was encoded.
   *
   * @throws MalformedUriException if it is no encoded UTF-8
   */
  public static String decode(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '%') {
        bytes.writeBytes(String.valueOf(c).getBytes(UTF_8));
        continue;
      }
      boolean complete = i + 2 < text.length();
      int high = complete ? Character.digit(text.charAt(i + 1), 16) : -1;
      int low = complete ? Character.digit(text.charAt(i + 2), 16) : -1;
      if (high < 0 || low < 0) {
        throw new MalformedUriException("The URI holds a percent sign that encodes nothing.");
      }
      bytes.write(high * 16 + low);
      i += 2;
    }
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray())).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedUriException("The URI holds bytes that are no UTF-8.");
    }
  }
}
