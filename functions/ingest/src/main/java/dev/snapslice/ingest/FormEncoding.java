package dev.snapslice.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;

/**
 * How keys are written in S3 event notifications: as forms are, so that {@code +} is a space and
 * {@code %2B} a plus. MinIO writes {@code /} as {@code %2F}. Strict, other than {@link
 * java.net.URLDecoder}: what is no UTF-8 is refused and not replaced, since it would name another
 * object.
 */
final class FormEncoding {
  private FormEncoding() {}

  /**
   * The text that was encoded.
   *
   * @param place of it in the message, for the sentence of the exception
   * @throws MalformedMessageException if an escape is incomplete or the bytes are no UTF-8
   */
  static String decode(String place, String encoded) {
    try {
      ByteBuffer raw = UTF_8.newEncoder().encode(CharBuffer.wrap(encoded));
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.remaining());
      while (raw.hasRemaining()) {
        byte next = raw.get();
        bytes.write(
            switch (next) {
              case '+' -> ' ';
              case '%' -> digit(place, raw) << 4 | digit(place, raw);
              default -> next;
            });
      }
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray())).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedMessageException(place + " is no UTF-8", e);
    }
  }

  private static int digit(String place, ByteBuffer raw) {
    int digit = raw.hasRemaining() ? Character.digit(raw.get(), 16) : -1;
    if (digit < 0) {
      throw new MalformedMessageException(
          place + " has a % that two hexadecimal digits do not follow");
    }
    return digit;
  }
}
