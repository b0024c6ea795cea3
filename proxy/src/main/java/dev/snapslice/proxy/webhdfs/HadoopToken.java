package dev.snapslice.proxy.webhdfs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/**
 * A delegation token as Hadoop writes it into URLs and token files.
 *
 * @param identifier what it says: an {@link Identifier}, written
 * @param password what proves it
 * @see <a
 *     href="https://hadoop.apache.org/docs/stable/api/org/apache/hadoop/security/token/Token.html">Token</a>
 */
record HadoopToken(byte[] identifier, byte[] password) {
  private static final String KIND = "WEBHDFS delegation";
  private static final int LONGEST = 2048;

  /**
   * Hadoop's delegation token identifier: jobs read from it whose it is and until when.
   *
   * @param owner the name that Hadoop shows
   * @param renewer who may renew it, as Hadoop was told
   * @param number of this token alone
   */
  record Identifier(String owner, String renewer, Instant issued, Instant end, int number) {

    byte[] written() {
      return bytes(out -> {
        out.writeByte(0);
        writeText(out, owner);
        writeText(out, renewer);
        writeText(out, "");
        writeLong(out, issued.toEpochMilli());
        writeLong(out, end.toEpochMilli());
        writeLong(out, number);
        writeLong(out, 0);
      });
    }

    /** Reads one that we wrote. */
    static Identifier read(byte[] written) {
      try (var in = new DataInputStream(new ByteArrayInputStream(written))) {
        in.readByte();
        String owner = readText(in);
        String renewer = readText(in);
        readText(in);
        Instant issued = Instant.ofEpochMilli(readLong(in));
        return new Identifier(
            owner, renewer, issued, Instant.ofEpochMilli(readLong(in)), (int) readLong(in));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The form in URLs. */
  String urlString() {
    byte[] written =
        bytes(out -> {
          writeBytes(out, identifier);
          writeBytes(out, password);
          writeText(out, KIND);
          writeText(out, "");
        });
    return Base64.getUrlEncoder().withoutPadding().encodeToString(written);
  }

  /** Reads that form; empty if a text is none. What kind and service it says is the client's. */
  static Optional<HadoopToken> parse(String urlString) {
    try {
      byte[] written = Base64.getUrlDecoder().decode(urlString);
      var in = new DataInputStream(new ByteArrayInputStream(written));
      return Optional.of(new HadoopToken(readBytes(in), readBytes(in)));
    } catch (IllegalArgumentException | IOException e) {
      return Optional.empty();
    }
  }

  /** Writes into memory. */
  private interface Writing {
    void to(DataOutputStream out) throws IOException;
  }

  private static byte[] bytes(Writing writing) {
    var bytes = new ByteArrayOutputStream();
    try {
      writing.to(new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void writeText(DataOutputStream out, String text) throws IOException {
    writeBytes(out, text.getBytes(UTF_8));
  }

  private static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
    writeLong(out, bytes.length);
    out.write(bytes);
  }

  private static String readText(DataInputStream in) throws IOException {
    return new String(readBytes(in), UTF_8);
  }

  private static byte[] readBytes(DataInputStream in) throws IOException {
    long length = readLong(in);
    if (length < 0 || length > LONGEST) {
      throw new EOFException("no token has " + length + " bytes");
    }
    byte[] bytes = new byte[(int) length];
    in.readFully(bytes);
    return bytes;
  }

  /** Hadoop's variable-length integers, of none below zero: small ones are one byte. */
  private static void writeLong(DataOutputStream out, long value) throws IOException {
    if (value <= Byte.MAX_VALUE) {
      out.writeByte((int) value);
      return;
    }
    int length = (Long.SIZE - Long.numberOfLeadingZeros(value) + 7) / 8;
    out.writeByte(-112 - length);
    for (int shift = 8 * (length - 1); shift >= 0; shift -= 8) {
      out.writeByte((int) (value >> shift));
    }
  }

  private static long readLong(DataInputStream in) throws IOException {
    byte first = in.readByte();
    if (first >= -112) {
      return first;
    }
    if (first < -120) {
      return -1;
    }
    long value = 0;
    for (int i = -112 - first; i > 0; i--) {
      value = value << 8 | in.readUnsignedByte();
    }
    return value;
  }
}
