package dev.snapslice.core.index;

import static dev.snapslice.core.index.IndexTable.SK;
import static dev.snapslice.core.index.IndexTable.binary;
import static dev.snapslice.core.index.IndexTable.bytes;
import static dev.snapslice.core.index.IndexTable.number;

import dev.snapslice.core.index.IndexTable.Range;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Rows of one segment in one order, packed into pages of up to 4 KB.
 *
 * <p>Pages are linked as in a B-link tree: each covers the positions from its own sort key up to
 * {@code next}, which is the sort key of the page after it. They are changed in place, and only
 * ever by adding what the tail still holds, so a reader may meet any mixture of old and new pages.
 * What it must not do is miss one: where a page's {@code next} lies before the page that follows, a
 * page is missing, and the reader reads again consistently.
 */
final class Run {
  private static final int MAX_SEPARATOR = 1_000;
  private static final int ATTEMPTS = 8;

  /**
   * Pages that one becomes are written together: half of them would hide what comes into the other
   * half later. DynamoDB takes 100 items and 4 MB in one transaction.
   */
  private static final int MOST_TOGETHER = 90;

  private final IndexTable table;
  private final String partition;
  private final byte[] prefix;
  private final Order order;
  private final int pageBytes;

  /** What a run holds, and how it is sorted. */
  enum Order {
    BASE('B', Order::byKey, Row.BY_KEY),
    DELTA('D', Order::byKey, Row.BY_KEY),
    JOURNAL(
        'J', row -> SortKeys.join(SortKeys.of(row.time()), SortKeys.utf8(row.key())), Row.BY_TIME);

    private final char type;

    @SuppressWarnings("ImmutableEnumChecker") // neither has state
    private final Function<Row, byte[]> position;

    @SuppressWarnings("ImmutableEnumChecker")
    private final Comparator<Row> comparator;

    Order(char type, Function<Row, byte[]> position, Comparator<Row> comparator) {
      this.type = type;
      this.position = position;
      this.comparator = comparator;
    }

    private static byte[] byKey(Row row) {
      return SortKeys.join(SortKeys.terminated(SortKeys.utf8(row.key())), SortKeys.of(row.time()));
    }

    /** The border of a range of positions, from a key or a moment. */
    private byte[] border(byte[] of) {
      return this == JOURNAL ? of : SortKeys.escaped(of);
    }
  }

  /**
   * A page as it was read.
   *
   * @param start first position that it covers
   * @param next first position after it, empty for the last page
   */
  record Page(byte[] start, byte[] next, long version, List<Row> rows) {}

  Run(
      IndexTable table,
      String tabletId,
      Order order,
      long segmentStart,
      long pages,
      int pageBytes) {
    this.pageBytes = pageBytes;
    this.table = table;
    this.partition = "T#" + tabletId;
    this.prefix = SortKeys.join(SortKeys.of(order.type, segmentStart), SortKeys.of(pages));
    this.order = order;
  }

  /**
   * Pages that cover [from, to), in order: all of them, or the first {@code limit}. The borders are
   * keys, or moments of a journal.
   */
  List<Page> pages(byte[] from, byte[] to, int limit, boolean consistent) {
    return covering(order.border(from), order.border(to), limit, consistent);
  }

  private List<Page> covering(byte[] from, byte[] to, int limit, boolean consistent) {
    List<Page> pages = read(from, to, limit, consistent);
    return consistent || linked(pages, from, to, limit) ? pages : read(from, to, limit, true);
  }

  /** Up to which key, at most {@code to}, all rows are in a page and those before it. */
  byte[] covered(Page page, byte[] to) {
    return ends(page, order.border(to)) ? to : SortKeys.leastEnd(SortKeys.name(page.next()), to);
  }

  /** At most {@code limit} pages that follow one in which the run does not end, up to a key. */
  List<Page> pagesAfter(Page page, byte[] to, int limit) {
    byte[] end = order.border(to);
    List<Page> pages = forward(page.next(), end, limit, false);
    if (pages.isEmpty() || !linked(pages, page.next(), end, limit)) {
      pages = forward(page.next(), end, limit, true);
    }
    if (pages.isEmpty()) {
      throw new IllegalStateException("a page of the index is missing");
    }
    return pages;
  }

  private List<Page> read(byte[] from, byte[] to, int limit, boolean consistent) {
    if (from.length == 0) {
      return forward(from, to, limit, consistent);
    }
    List<Page> pages = new ArrayList<>();
    Range before = new Range(partition, prefix, SortKeys.join(prefix, from));
    table.last(before, consistent).map(this::page).ifPresent(pages::add);
    if (limit > 1 && (pages.isEmpty() || !ends(pages.getFirst(), to))) {
      int more = limit == Integer.MAX_VALUE ? limit : limit - pages.size();
      pages.addAll(forward(SortKeys.after(from), to, more, consistent));
    }
    return pages;
  }

  /** Pages that start in [from, to). */
  private List<Page> forward(byte[] from, byte[] to, int limit, boolean consistent) {
    byte[] start = SortKeys.join(prefix, from);
    byte[] end = to.length == 0 ? SortKeys.endOf(prefix) : SortKeys.join(prefix, to);
    List<Page> pages = new ArrayList<>();
    for (var item : table.first(new Range(partition, start, end), limit, consistent).items()) {
      Page page = page(item);
      if (to.length == 0 || Arrays.compareUnsigned(page.start(), to) < 0) {
        pages.add(page);
      }
    }
    return pages;
  }

  private static boolean ends(Page page, byte[] to) {
    return page.next().length == 0
        || (to.length > 0 && Arrays.compareUnsigned(page.next(), to) >= 0);
  }

  /** Whether no page is missing between {@code from} and where the pages end. */
  private boolean linked(List<Page> pages, byte[] from, byte[] to, int limit) {
    if (pages.isEmpty()) {
      return order != Order.BASE;
    }
    byte[] reached = from;
    for (int i = 0; i < pages.size(); i++) {
      Page page = pages.get(i);
      boolean ended = i > 0 && reached.length == 0;
      if (ended || Arrays.compareUnsigned(page.start(), reached) > 0) {
        return false;
      }
      reached = page.next();
    }
    return pages.size() >= limit || ends(pages.getLast(), to);
  }

  /** The rows of one key. */
  List<Row> at(byte[] key) {
    return rows(key, SortKeys.after(key), false);
  }

  /**
   * A key's rows up to a moment, from the one page that holds the last of them: the latest of many
   * are there, and none only if the run has none. Empty where that page is not certain to be the
   * right one.
   */
  Optional<List<Row>> latest(byte[] key, long moment) {
    byte[] first = SortKeys.terminated(key);
    byte[] last = SortKeys.join(first, SortKeys.of(moment));
    Range before = new Range(partition, prefix, SortKeys.join(prefix, last));
    Optional<Page> page = table.last(before, false).map(this::page);
    if (page.isEmpty()) {
      return Optional.of(List.of());
    }
    List<Row> rows =
        page.get().rows().stream()
            .filter(row -> row.time() <= moment && Arrays.equals(SortKeys.utf8(row.key()), key))
            .toList();
    boolean certain =
        SortKeys.before(last, page.get().next())
            && (!rows.isEmpty() || Arrays.compareUnsigned(page.get().start(), first) <= 0);
    return certain ? Optional.of(rows) : Optional.empty();
  }

  /** The rows in [from, to), two keys or moments, as the run holds them now. */
  List<Row> rows(byte[] from, byte[] to, boolean consistent) {
    byte[] start = order.border(from);
    byte[] end = order.border(to);
    Set<Row> rows = new TreeSet<>(order.comparator);
    for (Page page : covering(start, end, Integer.MAX_VALUE, consistent)) {
      for (Row row : page.rows()) {
        byte[] position = order.position.apply(row);
        if (Arrays.compareUnsigned(position, start) >= 0 && SortKeys.before(position, end)) {
          rows.add(row);
        }
      }
    }
    return List.copyOf(rows);
  }

  /** Writes the rows as a run that nobody reads yet, in full pages; says how many. */
  int build(Collection<Row> rows) {
    List<Row> sorted = rows.stream().sorted(order.comparator).toList();
    List<Map<String, AttributeValue>> items =
        paginate(sorted, new byte[0], new byte[0]).stream().map(page -> item(page, 1)).toList();
    if (!table.putAll(items).isEmpty()) {
      throw new IndexBusyException("could not write the pages of a new run");
    }
    return items.size();
  }

  /**
   * Takes some rows out of the run and puts others in; safe to repeat, and beside others who do the
   * same.
   */
  void apply(Collection<Row> remove, Collection<Row> add) {
    TreeMap<byte[], Edit> edits = new TreeMap<>(Arrays::compareUnsigned);
    remove.forEach(
        row -> edits.computeIfAbsent(order.position.apply(row), p -> new Edit()).remove.add(row));
    add.forEach(
        row -> edits.computeIfAbsent(order.position.apply(row), p -> new Edit()).add.add(row));
    int failures = 0;
    while (!edits.isEmpty()) {
      if (failures == ATTEMPTS) {
        throw new IndexBusyException("a page changes too often to be written");
      }
      byte[] last = SortKeys.after(edits.lastKey());
      List<Page> pages = covering(edits.firstKey(), last, Integer.MAX_VALUE, true);
      if (pages.isEmpty()) {
        pages = List.of(new Page(new byte[0], new byte[0], 0, List.of()));
      }
      int left = edits.size();
      for (Page page : pages) {
        var mine =
            page.next().length == 0
                ? edits.tailMap(page.start(), true)
                : edits.subMap(page.start(), true, page.next(), false);
        if (!mine.isEmpty()) {
          rewrite(page, mine);
        }
      }
      failures = edits.size() < left ? 0 : failures + 1;
    }
  }

  private static final class Edit {
    final List<Row> remove = new ArrayList<>();
    final List<Row> add = new ArrayList<>();
  }

  /**
   * Does the edits of a page, or as many of the first as one transaction takes, and clears those.
   */
  private void rewrite(Page page, NavigableMap<byte[], Edit> edits) {
    Set<Row> rows = new TreeSet<>(order.comparator);
    rows.addAll(page.rows());
    int before = rows.size();
    boolean changed = false;
    for (Edit edit : edits.values()) {
      for (Row row : edit.remove) {
        changed |= rows.remove(row);
      }
      changed |= rows.addAll(edit.add);
    }
    if (!changed && before > 0) {
      edits.clear();
      return;
    }
    List<Page> parts = paginate(List.copyOf(rows), page.start(), page.next());
    if (parts.size() > MOST_TOGETHER && edits.size() > 1) {
      byte[] middle = List.copyOf(edits.keySet()).get(edits.size() / 2);
      rewrite(page, edits.headMap(middle, false));
      return;
    }
    List<Map<String, AttributeValue>> items = new ArrayList<>();
    items.add(item(parts.getFirst(), page.version() + 1));
    parts.stream().skip(1).map(part -> item(part, 1)).forEach(items::add);
    String condition = page.version() == 0 ? "attribute_not_exists(pk)" : "v = :v";
    Map<String, AttributeValue> values =
        page.version() == 0 ? Map.of() : Map.of(":v", number(page.version()));
    boolean written =
        items.size() == 1
            ? table.put(items.getFirst(), condition, values)
            : table.putTogether(items, condition, values);
    if (written) {
      edits.clear();
    }
  }

  /**
   * Cuts sorted rows into pages that together cover [start, next). A page ends only where the
   * position changes.
   */
  private List<Page> paginate(List<Row> rows, byte[] start, byte[] next) {
    int bytes = PageCodec.encode(rows).length;
    int pages = (bytes + pageBytes - 1) / pageBytes;
    int target = bytes / pages + 1;
    List<Page> cut = new ArrayList<>();
    byte[] pageStart = start;
    int first = 0;
    int size = 0;
    for (int i = 1; i < rows.size(); i++) {
      size += bytes / rows.size();
      byte[] left = order.position.apply(rows.get(i - 1));
      byte[] right = order.position.apply(rows.get(i));
      if (size < target || Arrays.equals(left, right)) {
        continue;
      }
      byte[] separator = SortKeys.separator(left, right);
      if (separator.length <= MAX_SEPARATOR) {
        cut.add(new Page(pageStart, separator, 0, rows.subList(first, i)));
        pageStart = separator;
        first = i;
        size = 0;
      }
    }
    cut.add(new Page(pageStart, next, 0, rows.subList(first, rows.size())));
    return cut;
  }

  private Map<String, AttributeValue> item(Page page, long version) {
    Map<String, AttributeValue> item =
        IndexTable.key(partition, SortKeys.join(prefix, page.start()));
    item.put("d", binary(PageCodec.encode(page.rows())));
    item.put("v", number(version));
    if (page.next().length > 0) {
      item.put("n", binary(page.next()));
    }
    return item;
  }

  private Page page(Map<String, AttributeValue> item) {
    byte[] sortKey = bytes(item, SK);
    return new Page(
        Arrays.copyOfRange(sortKey, prefix.length, sortKey.length),
        bytes(item, "n"),
        number(item, "v"),
        PageCodec.decode(bytes(item, "d")));
  }
}
