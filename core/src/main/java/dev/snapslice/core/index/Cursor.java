package dev.snapslice.core.index;

/**
 * Where a listing goes on.
 *
 * @param after the last key or common prefix that was returned; empty at the start
 * @param wholePrefix whether everything that begins with {@code after} is skipped too (it was a
 *     common prefix)
 */
public record Cursor(String after, boolean wholePrefix) {
  public static final Cursor START = new Cursor("", false);

  public static Cursor afterKey(String key) {
    return new Cursor(key, false);
  }

  public static Cursor afterPrefix(String prefix) {
    return new Cursor(prefix, true);
  }
}
