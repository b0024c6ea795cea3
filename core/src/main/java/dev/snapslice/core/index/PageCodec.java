package dev.snapslice.core.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * Rows as bytes: names share what they begin and end with with the row before, times are
 * differences, and version ids, ETags and sequencers are stored as the bits that they spell. Some
 * 60 bytes a row, most of them random, so that a general compressor would gain nothing.
 */
final class PageCodec {
  private static final int FORMAT = 1;

  /** Their places are what is stored: never change the order. */
  private static final List<Kind> KINDS = List.of(Kind.CREATED, Kind.MARKER, Kind.REMOVED);

  private static final List<Source> SOURCES =
      List.of(Source.EVENT, Source.EVENTBRIDGE, Source.LIST);

  private static final HexFormat UPPER = HexFormat.of().withUpperCase();
  private static final HexFormat LOWER = HexFormat.of();
  private static final int REMOVED = 16;

  /** Of a row: its flags, seven lengths of up to 3 bytes, and two times and a size of up to 10. */
  private static final int NUMBERS = 1 + 7 * 3 + 3 * 10;

  private PageCodec() {}

  static byte[] encode(List<Row> rows) {
    Writer out = new Writer();
    out.write(FORMAT);
    out.number(rows.size());
    byte[] lastKey = {};
    String sequencer = "";
    long lastTime = 0;
    for (Row row : rows) {
      byte[] key = row.key().getBytes(UTF_8);
      int shared = SortKeys.sharedPrefix(lastKey, key);
      out.write(
          KINDS.indexOf(row.kind())
              | (SOURCES.indexOf(row.source()) << 2)
              | (row.removed() == Row.NEVER ? 0 : REMOVED));
      int ending = SortKeys.sharedSuffix(lastKey, key, shared);
      out.number(shared);
      out.number(ending);
      out.bytes(key, shared, key.length - ending);
      out.signed(row.time() - lastTime);
      sequencer = out.sequencer(row.sequencer(), sequencer);
      out.text(row.versionId(), Text.VERSION_ID);
      if (!row.isRemoval()) {
        out.text(row.etag(), Text.ETAG);
        out.number(row.size());
      }
      if (row.removed() != Row.NEVER) {
        out.number(row.removed() - row.time());
      }
      lastKey = key;
      lastTime = row.time();
    }
    return out.toByteArray();
  }

  /**
   * More bytes than a row can take, whatever stands before it: its texts as they are and numbers.
   */
  static int most(Row row) {
    return row.key().getBytes(UTF_8).length
        + row.versionId().getBytes(UTF_8).length
        + row.sequencer().getBytes(UTF_8).length
        + row.etag().getBytes(UTF_8).length
        + NUMBERS;
  }

  static List<Row> decode(byte[] page) {
    Reader in = new Reader(page);
    int format = in.next();
    if (format != FORMAT) {
      throw new IllegalStateException(
          "this index page has format %d, this release reads %d: upgrade"
              .formatted(format, FORMAT));
    }
    int count = (int) in.number();
    List<Row> rows = new ArrayList<>(count);
    byte[] key = {};
    String name = "";
    String sequencer = "";
    long time = 0;
    for (int i = 0; i < count; i++) {
      int flags = in.next();
      int shared = (int) in.number();
      int ending = (int) in.number();
      int middle = (int) in.number();
      if (middle > 0 || shared + ending != key.length) {
        byte[] next = Arrays.copyOf(key, shared + middle + ending);
        in.copy(next, shared, middle);
        System.arraycopy(key, key.length - ending, next, shared + middle, ending);
        key = next;
        name = new String(key, UTF_8);
      }
      time += in.signed();
      Kind kind = KINDS.get(flags & 3);
      sequencer = in.sequencer(sequencer);
      String versionId = in.text(Text.VERSION_ID);
      boolean removal = kind == Kind.REMOVED;
      String etag = removal ? "" : in.text(Text.ETAG);
      long size = removal ? 0 : in.number();
      long removed = (flags & REMOVED) == 0 ? Row.NEVER : time + in.number();
      rows.add(
          new Row(
              name,
              versionId,
              kind,
              time,
              sequencer,
              etag,
              size,
              SOURCES.get((flags >> 2) & 3),
              removed));
    }
    return rows;
  }

  /**
   * What a text usually spells: its bits are stored where decoding them gives back the very same
   * text.
   */
  private enum Text {
    SEQUENCER {
      @Override
      byte[] pack(String text) {
        return UPPER.parseHex(text.length() % 2 == 0 ? text : text + "0");
      }

      @Override
      String unpack(byte[] bits) {
        String hex = UPPER.formatHex(bits);
        return hex.endsWith("0") ? hex.substring(0, hex.length() - 1) : hex;
      }
    },
    /** S3's: letters, digits, points and underscores. */
    VERSION_ID {
      @Override
      byte[] pack(String text) {
        return Base64.getUrlDecoder().decode(text.replace('.', '-'));
      }

      @Override
      String unpack(byte[] bits) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bits).replace('-', '.');
      }
    },
    ETAG {
      @Override
      byte[] pack(String text) {
        return LOWER.parseHex(text);
      }

      @Override
      String unpack(byte[] bits) {
        return LOWER.formatHex(bits);
      }
    };

    abstract byte[] pack(String text);

    abstract String unpack(byte[] bits);
  }

  private static final class Writer extends ByteArrayOutputStream {
    Writer() {
      super(4096);
    }

    void number(long value) {
      long rest = value;
      while ((rest & ~0x7FL) != 0) {
        write((int) ((rest & 0x7F) | 0x80));
        rest >>>= 7;
      }
      write((int) rest);
    }

    void signed(long value) {
      number((value << 1) ^ (value >> 63));
    }

    void bytes(byte[] bytes, int from, int to) {
      number(to - from);
      write(bytes, from, to - from);
    }

    /** Sequencers begin with a time: how much of the last one this one shares, then the rest. */
    String sequencer(String sequencer, String last) {
      int shared = 0;
      int most = Math.min(sequencer.length(), last.length()) / 2 * 2;
      while (shared < most && sequencer.charAt(shared) == last.charAt(shared)) {
        shared++;
      }
      shared = shared / 2 * 2;
      number(shared);
      text(sequencer.substring(shared), Text.SEQUENCER);
      return sequencer;
    }

    /** Length and form in one number: even for packed bits, odd for plain text. */
    void text(String text, Text usual) {
      byte[] packed = packed(text, usual);
      byte[] stored = packed == null ? text.getBytes(UTF_8) : packed;
      number(((long) stored.length << 1) | (packed == null ? 1 : 0));
      write(stored, 0, stored.length);
    }

    private static byte[] packed(String text, Text usual) {
      try {
        byte[] bits = usual.pack(text);
        return usual.unpack(bits).equals(text) ? bits : null;
      } catch (IllegalArgumentException e) {
        return null;
      }
    }
  }

  private static final class Reader {
    private final byte[] page;
    private int at;

    Reader(byte[] page) {
      this.page = page;
    }

    int next() {
      return page[at++] & 0xFF;
    }

    long number() {
      long value = 0;
      for (int shift = 0; ; shift += 7) {
        int b = next();
        value |= (long) (b & 0x7F) << shift;
        if (b < 0x80) {
          return value;
        }
      }
    }

    long signed() {
      long value = number();
      return (value >>> 1) ^ -(value & 1);
    }

    void copy(byte[] into, int offset, int length) {
      System.arraycopy(page, at, into, offset, length);
      at += length;
    }

    String sequencer(String last) {
      int shared = (int) number();
      return last.substring(0, shared) + text(Text.SEQUENCER);
    }

    String text(Text usual) {
      long head = number();
      byte[] stored = Arrays.copyOfRange(page, at, at + (int) (head >>> 1));
      at += stored.length;
      return (head & 1) == 0 ? usual.unpack(stored) : new String(stored, UTF_8);
    }
  }
}
