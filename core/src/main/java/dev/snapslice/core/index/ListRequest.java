package dev.snapslice.core.index;

/**
 * Which entries of a view are asked for, in S3's terms.
 *
 * @param prefix only keys that begin so; empty for all
 * @param delimiter keys that share what comes between prefix and delimiter become one common
 *     prefix; empty for none
 * @param cursor where to go on
 * @param limit how many entries and common prefixes at most, 1 to 1,000
 */
public record ListRequest(String prefix, String delimiter, Cursor cursor, int limit) {
  public static final int MAX_LIMIT = 1000;

  public ListRequest {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException("a page has 1 to 1000 entries, asked for " + limit);
    }
  }

  /** Everything below {@code prefix}, from its start, in pages of 1,000. */
  public static ListRequest recursive(String prefix) {
    return new ListRequest(prefix, "", Cursor.START, MAX_LIMIT);
  }

  public ListRequest from(Cursor next) {
    return new ListRequest(prefix, delimiter, next, limit);
  }
}
