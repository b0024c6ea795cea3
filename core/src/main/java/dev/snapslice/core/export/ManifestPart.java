package dev.snapslice.core.export;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.snapslice.core.export.ExportJob.Written;
import dev.snapslice.core.index.Cursor;
import dev.snapslice.core.index.ListItem.Entry;
import dev.snapslice.core.index.ListPage;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.index.ObjectView;
import dev.snapslice.core.version.Version;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * A piece of a manifest, large enough to be a part of a multipart upload.
 *
 * @param after how far the export has come with it
 * @param last whether the view ends here
 */
record ManifestPart(byte[] bytes, Written after, boolean last) {

  /** Reads on; empty if the deadline passed before there was enough. */
  static Optional<ManifestPart> read(
      ExportRequest request,
      ObjectView view,
      Written before,
      int enough,
      InstantSource clock,
      Instant deadline) {
    var bytes = new ByteArrayOutputStream();
    long objects = before.objects();
    long purged = before.purged();
    String last = before.cursor();
    Cursor start = last.isEmpty() ? Cursor.START : Cursor.afterKey(last);
    Iterator<ListPage> pages = view.pages(ListRequest.recursive(request.prefix()).from(start));
    while (bytes.size() < enough) {
      if (!clock.instant().isBefore(deadline)) {
        return Optional.empty();
      }
      ListPage page = pages.next();
      List<Entry> entries = page.items().stream().map(Entry.class::cast).toList();
      for (Entry entry : entries) {
        Optional<String> line = ManifestLine.of(request.bucket(), entry, request.format());
        line.ifPresent(text -> bytes.writeBytes(text.getBytes(UTF_8)));
        objects += line.isPresent() ? 1 : 0;
        purged += entry.purged() ? 1 : 0;
      }
      last = entries.isEmpty() ? last : key(entries.getLast().version());
      if (!pages.hasNext()) {
        return Optional.of(part(bytes, before, objects, purged, last, true));
      }
    }
    return Optional.of(part(bytes, before, objects, purged, last, false));
  }

  private static String key(Version version) {
    return version.key().value();
  }

  private static ManifestPart part(
      ByteArrayOutputStream bytes,
      Written before,
      long objects,
      long purged,
      String cursor,
      boolean last) {
    Written after =
        new Written(
            objects,
            purged,
            before.bytes() + bytes.size(),
            before.upload(),
            before.parts() + 1,
            cursor);
    return new ManifestPart(bytes.toByteArray(), after, last);
  }
}
