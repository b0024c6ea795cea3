package dev.snapslice.core.bucket;

import dev.snapslice.core.bucket.ListedKey.Entry;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.core.version.VersionEvent.Kind;
import dev.snapslice.core.version.VersionEvent.Source;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.DeleteMarkerEntry;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsRequest;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;
import software.amazon.awssdk.services.s3.model.ObjectVersion;

/**
 * S3's own list of a bucket's versions, key by key in key order, read page by page as it is used.
 * For one thread.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html">ListObjectVersions</a>
 */
final class VersionList implements Iterator<ListedKey> {
  private final S3Client s3;
  private ListObjectVersionsRequest next;
  private final Deque<Entry> entries = new ArrayDeque<>();

  private VersionList(S3Client s3, ListObjectVersionsRequest first) {
    this.s3 = s3;
    this.next = first;
  }

  /** The versions of the keys after {@code after} (empty: from the first) below a prefix. */
  static VersionList of(S3Client s3, String bucket, String prefix, String after) {
    // Keys may hold control characters, which XML cannot: S3 encodes them and the SDK decodes.
    ListObjectVersionsRequest.Builder request =
        ListObjectVersionsRequest.builder()
            .bucket(bucket)
            .prefix(prefix)
            .encodingType(EncodingType.URL);
    return new VersionList(
        s3, after.isEmpty() ? request.build() : request.keyMarker(after).build());
  }

  @Override
  public boolean hasNext() {
    while (entries.isEmpty() && next != null) {
      read();
    }
    return !entries.isEmpty();
  }

  @Override
  public ListedKey next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    ObjectKey key = entries.peek().fact().key();
    List<Entry> versions = new ArrayList<>();
    while (hasNext() && entries.peek().fact().key().equals(key)) {
      versions.add(entries.poll());
    }
    return new ListedKey(key, versions);
  }

  private void read() {
    ListObjectVersionsResponse page = s3.listObjectVersions(next);
    next =
        Boolean.TRUE.equals(page.isTruncated())
            ? next.toBuilder()
                .keyMarker(page.nextKeyMarker())
                .versionIdMarker(page.nextVersionIdMarker())
                .build()
            : null;
    merge(
        new ArrayDeque<>(page.versions().stream().map(VersionList::entry).toList()),
        new ArrayDeque<>(page.deleteMarkers().stream().map(VersionList::entry).toList()));
  }

  /** Puts a page's versions and delete markers back into one order, as far as times tell it. */
  private void merge(Deque<Entry> versions, Deque<Entry> markers) {
    while (!versions.isEmpty() || !markers.isEmpty()) {
      boolean marker =
          versions.isEmpty() || (!markers.isEmpty() && isFirst(markers.peek(), versions.peek()));
      entries.add(marker ? markers.poll() : versions.poll());
    }
  }

  private static boolean isFirst(Entry marker, Entry version) {
    int byKey = marker.fact().key().compareTo(version.fact().key());
    if (byKey != 0) {
      return byKey < 0;
    }
    if (marker.latest() || version.latest()) {
      return marker.latest();
    }
    return !marker.fact().time().isBefore(version.fact().time());
  }

  private static Entry entry(ObjectVersion version) {
    return new Entry(
        new VersionEvent(
            new ObjectKey(version.key()),
            version.versionId(),
            Kind.CREATED,
            version.lastModified(),
            "",
            version.eTag().replace("\"", ""),
            version.size(),
            Source.LIST),
        version.isLatest());
  }

  private static Entry entry(DeleteMarkerEntry marker) {
    return new Entry(
        new VersionEvent(
            new ObjectKey(marker.key()),
            marker.versionId(),
            Kind.MARKER,
            marker.lastModified(),
            "",
            "",
            0,
            Source.LIST),
        marker.isLatest());
  }
}
