package dev.snapslice.proxy.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.index.Cursor;
import dev.snapslice.core.index.ListItem;
import dev.snapslice.core.index.ListPage;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.version.Version;
import dev.snapslice.proxy.s3.Views.View;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Lists of keys and of buckets.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html">
 *     ListObjectsV2</a>
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html">
 *     ListObjects</a>
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html">
 *     ListBuckets</a>
 */
final class Lists {
  static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
  private static final String OWNER = "snapslice";

  private Lists() {}

  static S3Response objectsV2(S3Request request, View view) {
    ListParameters asked = ListParameters.of(request);
    Optional<String> token = request.query("continuation-token");
    String startAfter = ListParameters.bounded(request, "start-after");
    Cursor cursor = token.map(Lists::cursor).orElseGet(() -> Cursor.afterKey(startAfter));
    ListPage page = page(view, asked, cursor);
    Xml xml = asked.begin("ListBucketResult", request);
    xml.element("IsTruncated", page.next().isPresent());
    xml.element("KeyCount", page.items().size());
    token.ifPresent(text -> xml.element("ContinuationToken", text));
    page.next().ifPresent(next -> xml.element("NextContinuationToken", token(next)));
    if (!startAfter.isEmpty()) {
      xml.element("StartAfter", asked.encoding().apply(startAfter));
    }
    boolean owner = request.query("fetch-owner").filter("true"::equals).isPresent();
    return answer(view, items(xml, asked, page, owner));
  }

  static S3Response objectsV1(S3Request request, View view) {
    ListParameters asked = ListParameters.of(request);
    String marker = ListParameters.bounded(request, "marker");
    boolean rolledUp = !asked.delimiter().isEmpty() && marker.endsWith(asked.delimiter());
    ListPage page = page(view, asked, new Cursor(marker, rolledUp));
    Xml xml = asked.begin("ListBucketResult", request);
    xml.element("IsTruncated", page.next().isPresent());
    xml.element("Marker", asked.encoding().apply(marker));
    if (!asked.delimiter().isEmpty()) {
      page.next()
          .ifPresent(next -> xml.element("NextMarker", asked.encoding().apply(next.after())));
    }
    return answer(view, items(xml, asked, page, true));
  }

  private static ListPage page(View view, ListParameters asked, Cursor cursor) {
    if (asked.maxKeys() == 0) {
      return new ListPage(List.of(), Optional.empty());
    }
    int limit = asked.maxKeys();
    if (asked.prefix().startsWith(view.prefix())) {
      return view.objects().list(new ListRequest(asked.prefix(), asked.delimiter(), cursor, limit));
    }
    return view.prefix().startsWith(asked.prefix())
        ? around(view, asked, cursor, limit)
        : new ListPage(List.of(), Optional.empty());
  }

  /** What one may see of a prefix that is shorter than one's own: what lies below that. */
  private static ListPage around(View view, ListParameters asked, Cursor cursor, int limit) {
    String own = view.prefix();
    int cut =
        asked.delimiter().isEmpty() ? -1 : own.indexOf(asked.delimiter(), asked.prefix().length());
    if (cut < 0) {
      return view.objects().list(new ListRequest(own, asked.delimiter(), cursor, limit));
    }
    String common = own.substring(0, cut + asked.delimiter().length());
    boolean passed = cursor.wholePrefix() && cursor.after().equals(common);
    ListPage below = view.objects().list(new ListRequest(own, "", cursor, 1));
    return passed || below.items().isEmpty()
        ? new ListPage(List.of(), Optional.empty())
        : new ListPage(List.of(new ListItem.CommonPrefix(common)), Optional.empty());
  }

  private static Xml items(Xml xml, ListParameters asked, ListPage page, boolean owner) {
    for (ListItem item : page.items()) {
      switch (item) {
        case ListItem.Entry(Version version) -> {
          xml.open("Contents").element("Key", asked.encoding().apply(version.key().value()));
          xml.element("LastModified", TIME.format(version.created()));
          xml.element("ETag", '"' + version.etag() + '"');
          xml.element("Size", version.size());
          if (owner) {
            owner(xml);
          }
          xml.element("StorageClass", "STANDARD").close("Contents");
        }
        case ListItem.CommonPrefix(String prefix) ->
            xml.open("CommonPrefixes")
                .element("Prefix", asked.encoding().apply(prefix))
                .close("CommonPrefixes");
      }
    }
    return xml;
  }

  static void owner(Xml xml) {
    xml.open("Owner").element("ID", OWNER).element("DisplayName", OWNER).close("Owner");
  }

  private static S3Response answer(View view, Xml xml) {
    S3Response answer = S3Response.xml(200, xml.end("ListBucketResult"));
    long amended = view.bucket().amended().count();
    return amended == 0 ? answer : answer.with("x-snapslice-amendments", "" + amended);
  }

  static S3Response buckets(List<Bucket> buckets) {
    Xml xml = Xml.document("ListAllMyBucketsResult");
    owner(xml);
    xml.open("Buckets");
    for (Bucket bucket : buckets) {
      xml.open("Bucket").element("Name", bucket.name());
      xml.element("CreationDate", TIME.format(bucket.created())).close("Bucket");
    }
    return S3Response.xml(200, xml.close("Buckets").end("ListAllMyBucketsResult"));
  }

  /** A position alone: it means the same to every node, for ever. */
  private static String token(Cursor cursor) {
    String text = (cursor.wholePrefix() ? "p" : "k") + cursor.after();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
  }

  private static Cursor cursor(String token) {
    try {
      String text = new String(Base64.getUrlDecoder().decode(token), UTF_8);
      if (text.matches("(?s)[pk].*") && token(cursorOf(text)).equals(token)) {
        return cursorOf(text);
      }
    } catch (IllegalArgumentException e) {
      // Told below, like any other text that is no token of ours.
    }
    throw S3Error.invalid("The continuation token provided is incorrect");
  }

  private static Cursor cursorOf(String text) {
    return new Cursor(text.substring(1), text.startsWith("p"));
  }
}
