package dev.snapslice.proxy.s3;

import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.time.ViewSpec;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import dev.snapslice.proxy.http.Response;
import dev.snapslice.proxy.view.Views.View;
import java.time.Instant;
import java.util.Iterator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Lists of versions: the history up to a snapshot's moment, or what of it a slice's window brought.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html">
 *     ListObjectVersions</a>
 */
final class VersionLists {
  /** No key that begins with a prefix comes after it and this. */
  private static final String LAST = Character.toString(Character.MAX_CODE_POINT);

  private final TimeIndex index;

  VersionLists(TimeIndex index) {
    this.index = index;
  }

  Response list(S3Request request, View view) {
    ListParameters asked = ListParameters.of(request);
    String keyMarker = ListParameters.bounded(request, "key-marker");
    Optional<String> versionMarker = request.nonEmpty("version-id-marker");
    if (versionMarker.isPresent() && keyMarker.isEmpty()) {
      throw S3Error.invalid("A version-id marker cannot be specified without a key marker.");
    }
    Page page = new Page(request, view, asked);
    if (asked.maxKeys() > 0) {
      page.fill(keyMarker, versionMarker);
    }
    page.xml.element("KeyMarker", asked.encoding().apply(keyMarker));
    page.xml.element("VersionIdMarker", versionMarker.orElse(""));
    return Response.xml(200, page.end());
  }

  /** One answer while it is made. */
  private final class Page {
    private final View view;
    private final ListParameters asked;
    private final String prefix;
    private final int limit;
    private final Xml xml;
    private int items;
    private String lastKey = "";
    private String lastVersion = "";
    private boolean truncated;

    Page(S3Request request, View view, ListParameters asked) {
      this.view = view;
      this.asked = asked;
      this.prefix = view.prefix().startsWith(asked.prefix()) ? view.prefix() : asked.prefix();
      this.limit = asked.maxKeys();
      this.xml = asked.begin("ListVersionsResult", request);
    }

    void fill(String keyMarker, Optional<String> versionMarker) {
      if (!prefix.startsWith(view.prefix())) {
        return;
      }
      Iterator<Version> versions = after(keyMarker, versionMarker);
      String key = "";
      boolean latest = true;
      while (versions.hasNext()) {
        Version version = versions.next();
        if (!version.key().value().equals(key)) {
          key = version.key().value();
          latest = versionMarker.isEmpty() || !key.equals(keyMarker);
        }
        if (!version.aliveAt(view.asOf())) {
          continue;
        }
        boolean newest = latest;
        latest = false;
        if (!isIn(version)) {
          continue;
        }
        if (items == limit) {
          truncated = true;
          return;
        }
        items++;
        int cut =
            asked.delimiter().isEmpty()
                ? -1
                : key.indexOf(asked.delimiter(), asked.prefix().length());
        if (cut < 0) {
          add(version, newest);
        } else {
          String common = key.substring(0, cut + asked.delimiter().length());
          add(common);
          versions = below(common + LAST);
        }
      }
    }

    private Iterator<Version> after(String keyMarker, Optional<String> versionMarker) {
      boolean rolledUp = !asked.delimiter().isEmpty() && keyMarker.endsWith(asked.delimiter());
      if (versionMarker.isEmpty()) {
        return below(rolledUp ? keyMarker + LAST : keyMarker);
      }
      // The marker may be any key: only those that are asked for, and may be seen, are.
      Stream<Version> rest =
          index.history(view.bucket().name(), new ObjectKey(keyMarker)).stream()
              .filter(version -> version.key().value().startsWith(prefix))
              .dropWhile(version -> !version.versionId().equals(versionMarker.get()))
              .skip(1);
      Iterator<Version> here = rest.iterator();
      Iterator<Version> others = below(keyMarker);
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return here.hasNext() || others.hasNext();
        }

        @Override
        public Version next() {
          return here.hasNext() ? here.next() : others.next();
        }
      };
    }

    private Iterator<Version> below(String after) {
      return index.versions(view.bucket().name(), prefix, after);
    }

    private boolean isIn(Version version) {
      return switch (view.spec()) {
        case ViewSpec.Snapshot snapshot -> true;
        case ViewSpec.Slice(Instant from, Instant to) -> version.created().isAfter(from);
      };
    }

    private void add(Version version, boolean latest) {
      lastKey = version.key().value();
      lastVersion = version.versionId();
      String element = version.deleteMarker() ? "DeleteMarker" : "Version";
      xml.open(element).element("Key", asked.encoding().apply(lastKey));
      xml.element("VersionId", lastVersion).element("IsLatest", latest);
      xml.element("LastModified", Lists.TIME.format(version.created()));
      if (!version.deleteMarker()) {
        xml.element("ETag", '"' + version.etag() + '"').element("Size", version.size());
        xml.element("StorageClass", "STANDARD");
      }
      Lists.owner(xml);
      xml.close(element);
    }

    private void add(String common) {
      lastKey = common;
      lastVersion = "";
      xml.open("CommonPrefixes")
          .element("Prefix", asked.encoding().apply(common))
          .close("CommonPrefixes");
    }

    String end() {
      xml.element("IsTruncated", truncated);
      if (truncated) {
        xml.element("NextKeyMarker", asked.encoding().apply(lastKey));
        if (!lastVersion.isEmpty()) {
          xml.element("NextVersionIdMarker", lastVersion);
        }
      }
      return xml.end("ListVersionsResult");
    }
  }
}
