package dev.snapslice.proxy.s3;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The bytes of an object that a {@code Range} asks for, as S3 takes it: a header that is malformed,
 * names several ranges, or ends before it begins counts for nothing, and the end of an empty object
 * is all of it. Judged here, so that every store behind us answers as S3 does.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html">GetObject</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110.html#name-range">RFC 9110</a>
 */
record ByteRange(long first, long last) {
  private static final Pattern FORM = Pattern.compile("bytes=([0-9]*)-([0-9]*)");

  /** No longer than a number of bytes can be. */
  private static final int DIGITS = 18;

  /**
   * What a header asks for of an object.
   *
   * @return empty for all of it
   * @throws S3Error if the object has none of these bytes
   */
  static Optional<ByteRange> of(String header, long size) {
    Matcher form = FORM.matcher(header);
    if (!form.matches()) {
      return Optional.empty();
    }
    String from = form.group(1);
    String to = form.group(2);
    return from.isEmpty() ? end(header, to, size) : between(header, number(from), to, size);
  }

  private static Optional<ByteRange> end(String header, String length, long size) {
    if (length.isEmpty()) {
      return Optional.empty();
    }
    long asked = number(length);
    if (asked == 0) {
      throw S3Error.invalidRange(header, size);
    }
    return size == 0
        ? Optional.empty()
        : Optional.of(new ByteRange(Math.max(0, size - asked), size - 1));
  }

  private static Optional<ByteRange> between(String header, long first, String to, long size) {
    long last = to.isEmpty() ? Long.MAX_VALUE : number(to);
    if (first >= size) {
      throw S3Error.invalidRange(header, size);
    }
    if (last < first) {
      return Optional.empty();
    }
    return Optional.of(new ByteRange(first, Math.min(last, size - 1)));
  }

  private static long number(String digits) {
    return digits.length() > DIGITS ? Long.MAX_VALUE : Long.parseLong(digits);
  }

  /** The header. */
  @Override
  public String toString() {
    return "bytes=%d-%d".formatted(first, last);
  }
}
