package dev.snapslice.core.index;

import java.util.List;
import java.util.Optional;

/**
 * A page of a listing.
 *
 * @param items in S3 order (UTF-8 bytes)
 * @param next where the next page begins; empty on the last
 */
public record ListPage(List<ListItem> items, Optional<Cursor> next) {
  public static final ListPage EMPTY = new ListPage(List.of(), Optional.empty());
}
