package dev.snapslice.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads a query string as browsers write it ({@code +} is a space). API Gateway's own reading joins
 * repeated parameters by a comma, which may be part of a key.
 */
final class Query {
  private Query() {}

  /** By name; a parameter that comes twice, or is no UTF-8, is refused. */
  static Map<String, String> parse(String raw) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String pair : raw.isEmpty() ? new String[0] : raw.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = decode(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
      if (parameters.put(name, value) != null) {
        throw Problem.invalid("the parameter '" + name + "' comes twice");
      }
    }
    return parameters;
  }

  private static String decode(String text) {
    return percentDecoded(text.replace('+', ' '));
  }

  /** Text whose bytes are written {@code %XX} where they have to be. */
  static String percentDecoded(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] encoded = text.getBytes(UTF_8);
    for (int i = 0; i < encoded.length; i++) {
      if (encoded[i] != '%') {
        bytes.write(encoded[i]);
        continue;
      }
      int high = i + 2 < encoded.length ? Character.digit(encoded[i + 1], 16) : -1;
      int low = i + 2 < encoded.length ? Character.digit(encoded[i + 2], 16) : -1;
      if (high < 0 || low < 0) {
        throw Problem.invalid("a percent sign in the URL is not followed by two digits");
      }
      bytes.write(16 * high + low);
      i += 2;
    }
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray())).toString();
    } catch (CharacterCodingException e) {
      throw Problem.invalid("the URL holds bytes that are no UTF-8");
    }
  }
}
