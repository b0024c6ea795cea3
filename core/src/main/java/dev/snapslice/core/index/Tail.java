package dev.snapslice.core.index;

import static dev.snapslice.core.index.IndexTable.SK;
import static dev.snapslice.core.index.IndexTable.binary;
import static dev.snapslice.core.index.IndexTable.bytes;

import dev.snapslice.core.index.IndexTable.Items;
import dev.snapslice.core.index.IndexTable.Range;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Facts that are not yet folded into pages, as they arrived: one chunk for the facts that one batch
 * brought for one tablet. A chunk's name is the hash of its content, so a batch that is written
 * twice is there once.
 *
 * <p>A bucket's chunks share one partition, sorted by their tablet's first key: one query finds all
 * that may speak of a range of keys.
 */
final class Tail {
  private static final int CHUNK_ROWS = 1_000;

  /** DynamoDB takes items of 400 KB, and 16 MB in one batch of 25. */
  private static final int CHUNK_BYTES = 300_000;

  private static final int CHUNKS = 2_000;
  private static final int NAME_BYTES = 12;

  private final IndexTable table;

  Tail(IndexTable table) {
    this.table = table;
  }

  /** Facts filed together. */
  record Chunk(byte[] sortKey, byte[] filedUnder, List<Row> rows) {
    String name() {
      return HexFormat.of().formatHex(sortKey, sortKey.length - NAME_BYTES, sortKey.length);
    }
  }

  /** Facts for one tablet, to be written. */
  record Filing(Tablet tablet, List<Row> rows) {}

  /**
   * The facts of a range of keys.
   *
   * @param through where the range ends for which they are all there
   */
  record Facts(List<Row> rows, byte[] through) {}

  private static String partition(String bucket) {
    return "L#" + bucket;
  }

  private static byte[] place(byte[] from) {
    return SortKeys.terminated(from);
  }

  /** Splits filings into chunks of a size that can be written. */
  static List<Filing> chunks(Tablet tablet, List<Row> rows) {
    List<Row> sorted = rows.stream().sorted(Row.BY_KEY).distinct().toList();
    List<Filing> chunks = new ArrayList<>();
    int first = 0;
    int bytes = 0;
    for (int i = 0; i < sorted.size(); i++) {
      int row = PageCodec.most(sorted.get(i));
      if (i - first == CHUNK_ROWS || (i > first && bytes + row > CHUNK_BYTES)) {
        chunks.add(new Filing(tablet, sorted.subList(first, i)));
        first = i;
        bytes = 0;
      }
      bytes += row;
    }
    if (first < sorted.size()) {
      chunks.add(new Filing(tablet, sorted.subList(first, sorted.size())));
    }
    return chunks;
  }

  /** Writes chunks; returns those that are not durable. */
  List<Filing> write(String bucket, List<Filing> chunks) {
    List<Map<String, AttributeValue>> items = chunks.stream().map(c -> item(bucket, c)).toList();
    return table.putAll(items).stream().map(chunks::get).toList();
  }

  private static Map<String, AttributeValue> item(String bucket, Filing chunk) {
    byte[] data = PageCodec.encode(chunk.rows());
    byte[] from = chunk.tablet().from();
    Map<String, AttributeValue> item =
        IndexTable.key(partition(bucket), SortKeys.join(place(from), name(data)));
    item.put("d", binary(data));
    if (from.length > 0) {
      item.put("f", binary(from));
    }
    return item;
  }

  private static byte[] name(byte[] data) {
    try {
      return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(data), NAME_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The facts with keys in [from, to) that are filed under {@code tablet} or under those after it.
   */
  Facts facts(Tablet tablet, byte[] from, byte[] to) {
    byte[] start = place(tablet.tailFrom());
    byte[] end = to.length == 0 ? SortKeys.endOf(new byte[0]) : place(to);
    String partition = partition(tablet.bucket());
    Items items = table.first(new Range(partition, start, end), CHUNKS, false);
    byte[] through = to;
    if (!items.complete()) {
      through = bytes(items.items().getLast(), "f");
      if (Arrays.compareUnsigned(through, from) <= 0) {
        through = SortKeys.leastEnd(tablet.to(), to);
        byte[] tabletEnd = through.length == 0 ? end : place(through);
        items = new Items(table.all(new Range(partition, start, tabletEnd), false), true);
      }
    }
    List<Row> rows = new ArrayList<>();
    for (var item : items.items()) {
      for (Row row : chunk(item).rows()) {
        byte[] position = SortKeys.utf8(row.key());
        if (Arrays.compareUnsigned(position, from) >= 0 && SortKeys.before(position, through)) {
          rows.add(row);
        }
      }
    }
    return new Facts(rows, through);
  }

  /** All chunks filed under this tablet's first key, read consistently. */
  List<Chunk> chunks(Tablet tablet) {
    byte[] place = place(tablet.from());
    return table
        .all(new Range(partition(tablet.bucket()), place, SortKeys.endOf(place)), true)
        .stream()
        .map(Tail::chunk)
        .toList();
  }

  private static Chunk chunk(Map<String, AttributeValue> item) {
    return new Chunk(bytes(item, SK), bytes(item, "f"), PageCodec.decode(bytes(item, "d")));
  }

  void delete(Tablet tablet, List<String> names) {
    byte[] place = place(tablet.from());
    table.deleteAll(
        partition(tablet.bucket()),
        names.stream().map(name -> SortKeys.join(place, HexFormat.of().parseHex(name))).toList());
  }
}
