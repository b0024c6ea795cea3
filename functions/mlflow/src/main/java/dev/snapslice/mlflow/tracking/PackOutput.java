package dev.snapslice.mlflow.tracking;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * Writes numbers and texts in few bytes, deflated where that helps; the first byte says whether it
 * does. {@link PackInput} reads them.
 */
final class PackOutput {
  static final int PLAIN = 0;
  static final int DEFLATED = 1;

  private final ByteArrayOutputStream plain = new ByteArrayOutputStream();
  private final DataOutputStream out = new DataOutputStream(plain);

  PackOutput() {
    plain.write(PLAIN);
  }

  /** Small numbers of either sign take few bytes. */
  PackOutput number(long value) {
    long left = (value << 1) ^ (value >> 63);
    while ((left & ~0x7FL) != 0) {
      plain.write((int) ((left & 0x7F) | 0x80));
      left >>>= 7;
    }
    plain.write((int) left);
    return this;
  }

  PackOutput decimal(double value) {
    try {
      out.writeDouble(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  PackOutput text(String value) {
    byte[] bytes = value.getBytes(UTF_8);
    number(bytes.length);
    plain.writeBytes(bytes);
    return this;
  }

  byte[] bytes() {
    ByteArrayOutputStream deflated = new ByteArrayOutputStream();
    deflated.write(DEFLATED);
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
    try (var packed = new DeflaterOutputStream(deflated, deflater)) {
      packed.write(plain.toByteArray(), 1, plain.size() - 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      deflater.end();
    }
    return (deflated.size() < plain.size() ? deflated : plain).toByteArray();
  }
}
