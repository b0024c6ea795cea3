package dev.snapslice.core.index;

/**
 * The size of a view.
 *
 * @param objects how many keys it contains
 * @param bytes their sizes added up
 * @param purged how many of them were removed since
 */
public record Summary(long objects, long bytes, long purged) {
  Summary plus(Summary other) {
    return new Summary(objects + other.objects, bytes + other.bytes, purged + other.purged);
  }
}
