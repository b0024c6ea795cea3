package dev.snapslice.proxy.s3;

import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.index.Cursor;
import dev.snapslice.proxy.http.Response;
import dev.snapslice.proxy.view.Views;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The buckets that a caller may see and, where that is configured, each of their labels as a bucket
 * of its own.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html">
 *     ListBuckets</a>
 */
final class BucketLists {
  private static final int MOST = 10_000;

  private final Views views;
  private final String region;
  private final boolean withLabels;

  private record Named(String name, Instant created) {}

  /** Labels take one query for every bucket. */
  BucketLists(Views views, String region, boolean withLabels) {
    this.views = views;
    this.region = region;
    this.withLabels = withLabels;
  }

  Response list(S3Request request) {
    String prefix = request.query("prefix").orElse("");
    String after =
        request.nonEmpty("continuation-token").map(Lists::cursor).map(Cursor::after).orElse("");
    boolean here =
        request.nonEmpty("bucket-region").filter(other -> !other.equals(region)).isEmpty();
    int most = most(request);
    List<Named> found =
        here
            ? views.all(request.caller()).stream()
                .flatMap(bucket -> named(request, bucket))
                .filter(each -> each.name().startsWith(prefix) && each.name().compareTo(after) > 0)
                .sorted(Comparator.comparing(Named::name))
                .limit(most + 1L)
                .toList()
            : List.of();
    return Response.xml(200, document(found, most, prefix));
  }

  private Stream<Named> named(S3Request request, Bucket bucket) {
    Stream<Named> itself = Stream.of(new Named(bucket.name(), bucket.created()));
    return withLabels
        ? Stream.concat(
            itself,
            views.labels(request.caller(), bucket).stream()
                .map(label -> new Named(bucket.name() + ".label-" + label.name(), label.created())))
        : itself;
  }

  private static int most(S3Request request) {
    Optional<String> asked = request.nonEmpty("max-buckets");
    int most = asked.filter(text -> text.matches("[0-9]{1,5}")).map(Integer::parseInt).orElse(MOST);
    if (most < 1 || most > MOST || (asked.isPresent() && !asked.get().equals("" + most))) {
      throw S3Error.invalid(
          "Argument max-buckets must be an integer between 1 and " + MOST,
          "max-buckets",
          asked.orElse(""));
    }
    return most;
  }

  private String document(List<Named> found, int most, String prefix) {
    Xml xml = Xml.document("ListAllMyBucketsResult");
    Lists.owner(xml);
    xml.open("Buckets");
    for (Named each : found.subList(0, Math.min(most, found.size()))) {
      xml.open("Bucket").element("Name", each.name());
      xml.element("CreationDate", Lists.TIME.format(each.created()));
      xml.element("BucketRegion", region).close("Bucket");
    }
    xml.close("Buckets");
    if (found.size() > most) {
      xml.element("ContinuationToken", Lists.token(Cursor.afterKey(found.get(most - 1).name())));
    }
    if (!prefix.isEmpty()) {
      xml.element("Prefix", prefix);
    }
    return xml.end("ListAllMyBucketsResult");
  }
}
