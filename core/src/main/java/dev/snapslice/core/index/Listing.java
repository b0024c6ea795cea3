package dev.snapslice.core.index;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Turns the keys of a view into a page of a listing: prefix, delimiter and where to go on, as S3
 * defines them.
 */
final class Listing {
  private Listing() {}

  /** Opens a scan of [from, to). */
  interface Source {
    Scan open(byte[] from, byte[] to, int expected);
  }

  static ListPage page(ListRequest request, Source source) {
    byte[] prefix = SortKeys.utf8(request.prefix());
    byte[] start = start(prefix, request.cursor());
    byte[] end = SortKeys.afterPrefix(prefix);
    if (!SortKeys.before(start, end)) {
      return new ListPage(List.of(), Optional.empty());
    }
    Scan scan = source.open(start, end, request.limit());
    List<ListItem> items = new ArrayList<>();
    Cursor cursor = request.cursor();
    for (Optional<Row> row = scan.next(); row.isPresent(); row = scan.next()) {
      if (items.size() == request.limit()) {
        return new ListPage(items, Optional.of(cursor));
      }
      String key = row.get().key();
      int cut =
          request.delimiter().isEmpty()
              ? -1
              : key.indexOf(request.delimiter(), request.prefix().length());
      if (cut < 0) {
        items.add(new ListItem.Entry(row.get().version()));
        cursor = Cursor.afterKey(key);
      } else {
        String common = key.substring(0, cut + request.delimiter().length());
        items.add(new ListItem.CommonPrefix(common));
        cursor = Cursor.afterPrefix(common);
        scan.skipTo(SortKeys.afterPrefix(common.getBytes(UTF_8)));
      }
    }
    return new ListPage(items, Optional.empty());
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
