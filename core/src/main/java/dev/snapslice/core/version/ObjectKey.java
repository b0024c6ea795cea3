package dev.snapslice.core.version;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

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
    int length = value.getBytes(UTF_8).length;
    if (length == 0 || length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "an object key has 1 to 1024 bytes of UTF-8, this one has " + length);
    }
  }

  public byte[] bytes() {
    return value.getBytes(UTF_8);
  }

  @Override
  public int compareTo(ObjectKey other) {
    return Arrays.compareUnsigned(bytes(), other.bytes());
  }

  @Override
  public String toString() {
    return value;
  }
}
