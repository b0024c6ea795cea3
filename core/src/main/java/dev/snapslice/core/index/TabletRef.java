package dev.snapslice.core.index;

import java.util.HexFormat;

/**
 * Names a part of a bucket's index that wants maintenance (compaction): the tablet whose keys begin
 * at {@code from}, in hexadecimal because tablets may begin in the middle of a character. Small
 * enough for a queue message.
 */
public record TabletRef(String bucket, String from) {
  static TabletRef of(Tablet tablet) {
    return new TabletRef(tablet.bucket(), HexFormat.of().formatHex(tablet.from()));
  }

  byte[] position() {
    return HexFormat.of().parseHex(from);
  }
}
