package dev.snapslice.core.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Byte strings whose unsigned order is the order that is wanted of DynamoDB's sort keys. */
final class SortKeys {
  /**
   * Sorts after every sort key that begins with the same bytes and goes on with a name or an id.
   */
  private static final byte[] AFTER = new byte[16];

  static {
    Arrays.fill(AFTER, (byte) 0xFF);
  }

  private SortKeys() {}

  static byte[] join(byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    ByteBuffer joined = ByteBuffer.allocate(length);
    for (byte[] part : parts) {
      joined.put(part);
    }
    return joined.array();
  }

  static byte[] of(char type) {
    return new byte[] {(byte) type};
  }

  static byte[] of(char type, long time) {
    return ByteBuffer.allocate(9).put((byte) type).putLong(time).array();
  }

  static byte[] of(long time) {
    return ByteBuffer.allocate(8).putLong(time).array();
  }

  /** The least byte string that is greater. */
  static byte[] after(byte[] position) {
    return join(position, new byte[] {0});
  }

  static boolean before(byte[] position, byte[] end) {
    return end.length == 0 || Arrays.compareUnsigned(position, end) < 0;
  }

  /** The lesser of two ends of ranges, where empty means that there is none. */
  static byte[] leastEnd(byte[] a, byte[] b) {
    return b.length == 0 || (a.length > 0 && Arrays.compareUnsigned(a, b) < 0) ? a : b;
  }

  /** The first byte string after all that begin so; empty where there is none. */
  static byte[] afterPrefix(byte[] prefix) {
    int end = prefix.length;
    while (end > 0 && prefix[end - 1] == (byte) 0xFF) {
      end--;
    }
    byte[] next = Arrays.copyOf(prefix, end);
    if (end > 0) {
      next[end - 1]++;
    }
    return next;
  }

  /** The end of the range of all sort keys that begin so. */
  static byte[] endOf(byte[] prefix) {
    return join(prefix, AFTER);
  }

  /**
   * A name with an end mark, so that something may follow it in a sort key and names still sort as
   * they do alone.
   */
  static byte[] terminated(byte[] name) {
    return join(escaped(name), new byte[2]);
  }

  /** A name as it begins in a terminated form, or the border of a range of names in that form. */
  static byte[] escaped(byte[] name) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(name.length + 2);
    for (byte b : name) {
      out.write(b);
      if (b == 0) {
        out.write(0xFF);
      }
    }
    return out.toByteArray();
  }

  /** The name that an escaped or terminated form begins with. */
  static byte[] name(byte[] form) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(form.length);
    for (int i = 0; i < form.length; i++) {
      out.write(form[i]);
      if (form[i] == 0 && ++i < form.length && form[i] == 0) {
        byte[] name = out.toByteArray();
        return Arrays.copyOf(name, name.length - 1);
      }
    }
    return out.toByteArray();
  }

  static int sharedPrefix(byte[] a, byte[] b) {
    int mismatch = Arrays.mismatch(a, b);
    return mismatch < 0 ? a.length : mismatch;
  }

  /**
   * How many bytes two names end with in common, beside the {@code shared} ones they begin with.
   */
  static int sharedSuffix(byte[] a, byte[] b, int shared) {
    int most = Math.min(a.length, b.length) - shared;
    int same = 0;
    while (same < most && a[a.length - 1 - same] == b[b.length - 1 - same]) {
      same++;
    }
    return same;
  }

  /**
   * The shortest byte string that is greater than {@code left} and not greater than {@code right}.
   */
  static byte[] separator(byte[] left, byte[] right) {
    return Arrays.copyOf(right, Math.min(right.length, sharedPrefix(left, right) + 1));
  }

  static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }
}
