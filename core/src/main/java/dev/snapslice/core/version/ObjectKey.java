package dev.snapslice.core.version;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * An S3 object key: 1 to 1,024 bytes of UTF-8, ordered by those bytes as S3 lists them (not by
 * UTF-16 units, as {@link String#compareTo} would).
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html">Object
 *     keys</a>
 */
public record ObjectKey(String value) implements Comparable<ObjectKey> {
  public static final int MAX_BYTES = 1024;

  public ObjectKey {
    byte[] bytes = value.getBytes(UTF_8);
    if (bytes.length == 0 || bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "an object key has 1 to 1,024 bytes of UTF-8, this one has " + bytes.length);
    }
    if (!new String(bytes, UTF_8).equals(value)) {
      throw new IllegalArgumentException("an object key is UTF-8, this one holds a lone surrogate");
    }
  }

  public byte[] bytes() {
    return value.getBytes(UTF_8);
  }

  @Override
  public int compareTo(ObjectKey other) {
    return compare(value, other.value);
  }

  /** Compares texts as their UTF-8 bytes compare, without encoding them. */
  public static int compare(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean surrogates = Character.isSurrogate(x);
        return surrogates == Character.isSurrogate(y) ? x - y : surrogates ? 1 : -1;
      }
    }
    return a.length() - b.length();
  }

  @Override
  public String toString() {
    return value;
  }
}
