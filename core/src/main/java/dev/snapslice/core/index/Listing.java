package dev.snapslice.core.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Turns the keys of a view into the pages of a listing: prefix, delimiter and where to go on, as S3
 * defines them. Reads each page when it is asked for. Not thread-safe.
 */
final class Listing implements Iterator<ListPage> {
  private final ListRequest request;
  private final Scan scan;
  private Cursor cursor;
  private Optional<Row> ahead = Optional.empty();
  private boolean begun;

  /** Opens a scan of [from, to). */
  interface Source {
    Scan open(byte[] from, byte[] to, int expected);
  }

  Listing(ListRequest request, Source source) {
    byte[] prefix = SortKeys.utf8(request.prefix());
    byte[] start = start(prefix, request.cursor());
    this.request = request;
    this.scan = source.open(start, SortKeys.afterPrefix(prefix), request.limit());
    this.cursor = request.cursor();
  }

  @Override
  public boolean hasNext() {
    return !begun || ahead.isPresent();
  }

  /** There is always a first page. */
  @Override
  public ListPage next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    if (begun) {
      scan.expect(request.limit());
    } else {
      ahead = scan.next();
      begun = true;
    }
    List<ListItem> items = new ArrayList<>();
    while (ahead.isPresent() && items.size() < request.limit()) {
      items.add(item(ahead.get()));
      ahead = scan.next();
    }
    return new ListPage(items, ahead.map(row -> cursor));
  }

  private ListItem item(Row row) {
    String key = row.key();
    int cut =
        request.delimiter().isEmpty()
            ? -1
            : key.indexOf(request.delimiter(), request.prefix().length());
    if (cut < 0) {
      cursor = Cursor.afterKey(key);
      return new ListItem.Entry(row.version());
    }
    String common = key.substring(0, cut + request.delimiter().length());
    cursor = Cursor.afterPrefix(common);
    scan.skipTo(SortKeys.afterPrefix(common.getBytes(UTF_8)));
    return new ListItem.CommonPrefix(common);
  }

  /** Where the keys below a prefix begin that come after a cursor. */
  static byte[] start(byte[] prefix, Cursor cursor) {
    if (cursor.after().isEmpty()) {
      return prefix;
    }
    byte[] after = SortKeys.utf8(cursor.after());
    byte[] start = cursor.wholePrefix() ? SortKeys.afterPrefix(after) : SortKeys.after(after);
    return Arrays.compareUnsigned(start, prefix) < 0 ? prefix : start;
  }
}
