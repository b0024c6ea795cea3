package dev.snapslice.proxy.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.snapslice.core.index.Cursor;
import dev.snapslice.core.index.ListItem;
import dev.snapslice.core.index.ListPage;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.version.Version;
import dev.snapslice.proxy.http.Response;
import dev.snapslice.proxy.view.Views.View;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Optional;

/**
 * Lists of keys.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html">
 *     ListObjectsV2</a>
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html">
 *     ListObjects</a>
 */
final class Lists {
  static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
  private static final String OWNER = "snapslice";

  private Lists() {}

  static Response objectsV2(S3Request request, View view) {
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

  static Response objectsV1(S3Request request, View view) {
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
    return asked.maxKeys() == 0
        ? ListPage.EMPTY
        : view.list(new ListRequest(asked.prefix(), asked.delimiter(), cursor, asked.maxKeys()));
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

  private static Response answer(View view, Xml xml) {
    Response answer = Response.xml(200, xml.end("ListBucketResult"));
    long amended = view.bucket().amended().count();
    return amended == 0 ? answer : answer.with("x-snapslice-amendments", "" + amended);
  }

  /** A position alone: it means the same to every node, for ever. */
  static String token(Cursor cursor) {
    String text = (cursor.wholePrefix() ? "p" : "k") + cursor.after();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
  }

  static Cursor cursor(String token) {
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
