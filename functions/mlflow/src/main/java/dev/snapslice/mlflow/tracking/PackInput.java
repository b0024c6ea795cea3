package dev.snapslice.mlflow.tracking;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.zip.InflaterInputStream;

/** Reads what {@link PackOutput} has written. */
final class PackInput {
  private final ByteBuffer in;

  PackInput(byte[] packed) {
    ByteBuffer all = ByteBuffer.wrap(packed);
    this.in = all.get() == PackOutput.DEFLATED ? inflated(packed) : all;
  }

  private static ByteBuffer inflated(byte[] packed) {
    try (var rest =
        new InflaterInputStream(new ByteArrayInputStream(packed, 1, packed.length - 1))) {
      return ByteBuffer.wrap(rest.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long number() {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte part = in.get();
      value |= (part & 0x7FL) << shift;
      if (part >= 0) {
        return (value >>> 1) ^ -(value & 1);
      }
    }
  }

  double decimal() {
    return in.getDouble();
  }

  String text() {
    int length = (int) number();
    String text = new String(in.array(), in.arrayOffset() + in.position(), length, UTF_8);
    in.position(in.position() + length);
    return text;
  }
}
