package dev.snapslice.core.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.snapslice.core.version.ObjectKey;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;

/**
 * A part of a bucket's keys that is backfilled by itself, and how far that has come.
 *
 * @param number of this range, from 0 in key order
 * @param from first key that is not yet durable
 * @param to first key after the range; empty for the last range
 * @param marker S3's list goes on after it: the greatest key before {@code from}, or a text between
 *     that and {@code from}
 * @param versions that are durable
 * @param done whether all of them are
 */
record KeyRange(int number, String from, String to, String marker, long versions, boolean done) {
  private static final int MOST = 16;
  private static final int MOST_PAGES = 10;
  private static final int DEEPEST = 8;

  /** A marker is a key, with a few bytes more. */
  private static final int MAX_BORDER = ObjectKey.MAX_BYTES - 8;

  private static final String LAST = Character.toString(Character.MAX_CODE_POINT);

  String part() {
    return "range-%05d".formatted(number);
  }

  KeyRange at(String key, String before, long written) {
    return new KeyRange(number, key, to, before, versions + written, false);
  }

  KeyRange finished(long written) {
    return new KeyRange(number, from, to, marker, versions + written, true);
  }

  /**
   * Cuts a bucket's keys where its folders begin: at the highest level that has several. A bucket
   * without folders is one range.
   */
  static List<KeyRange> split(S3Client s3, String bucket) {
    NavigableSet<String> folders = new TreeSet<>(ObjectKey::compare);
    String parent = "";
    for (int depth = 0; depth < DEEPEST && folders.size() < 2; depth++) {
      folders = folders(s3, bucket, parent);
      if (folders.size() == 1) {
        parent = folders.first();
      }
    }
    List<String> borders = new ArrayList<>();
    borders.add("");
    List<String> all = List.copyOf(folders);
    for (int i = 1; i < Math.min(MOST, all.size()); i++) {
      borders.add(all.get((int) ((long) i * all.size() / Math.min(MOST, all.size()))));
    }
    List<KeyRange> ranges = new ArrayList<>();
    for (int i = 0; i < borders.size(); i++) {
      String from = borders.get(i);
      String to = i + 1 < borders.size() ? borders.get(i + 1) : "";
      ranges.add(new KeyRange(i, from, to, markerBefore(from), 0, false));
    }
    return ranges;
  }

  private static NavigableSet<String> folders(S3Client s3, String bucket, String parent) {
    NavigableSet<String> folders = new TreeSet<>(ObjectKey::compare);
    String after = null;
    for (int page = 0; page < MOST_PAGES; page++) {
      String marker = after;
      ListObjectVersionsResponse answer =
          s3.listObjectVersions(r ->
              r.bucket(bucket)
                  .prefix(parent)
                  .delimiter("/")
                  .keyMarker(marker)
                  .encodingType(EncodingType.URL));
      answer.commonPrefixes().stream()
          .map(CommonPrefix::prefix)
          .filter(prefix -> prefix.getBytes(UTF_8).length <= MAX_BORDER)
          .forEach(folders::add);
      if (!Boolean.TRUE.equals(answer.isTruncated())) {
        return folders;
      }
      after = answer.nextKeyMarker();
    }
    return folders;
  }

  /** A text before {@code from} with next to no keys between; empty at the start. */
  private static String markerBefore(String from) {
    if (from.isEmpty()) {
      return "";
    }
    // A folder's name ends with '/', and '.' comes before it.
    return from.substring(0, from.length() - 1) + (char) ('/' - 1) + LAST;
  }
}
