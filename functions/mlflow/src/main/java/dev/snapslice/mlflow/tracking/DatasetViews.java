package dev.snapslice.mlflow.tracking;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.run.SeenView;
import dev.snapslice.core.time.InvalidSpecException;
import dev.snapslice.core.uri.MalformedUriException;
import dev.snapslice.core.view.Address;
import dev.snapslice.core.view.NamedViews;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Recognises datasets that a run read through a view of a bucket: by S3's URI, or by a URL of the
 * read proxy. What their specs stand for is found out at once and noted as a tag of the input, so
 * that it stays known when a label is deleted. Asks the catalog about what looks like a view, and
 * about nothing else. Thread-safe.
 */
public final class DatasetViews {
  private static final Pattern S3 = Pattern.compile("s3a?://([^/]+)/?(.*)", Pattern.DOTALL);
  private static final Pattern HTTP = Pattern.compile("https?://.*", Pattern.DOTALL);
  private static final String WEBHDFS = "/webhdfs/v1/";

  private final BucketCatalog buckets;
  private final NamedViews views;
  private final Optional<String> domain;
  private final InstantSource clock;

  /** Domain: of the read proxy; without one no URL is recognised. */
  public DatasetViews(
      BucketCatalog buckets, NamedViews views, Optional<String> domain, InstantSource clock) {
    this.buckets = buckets;
    this.views = views;
    this.domain = domain;
    this.clock = clock;
  }

  /** The input with what is known of its view, and with no other's word on that. */
  DatasetInput noted(DatasetInput input) {
    DatasetInput plain = input.without(SeenView.TAGS);
    return source(input)
        .flatMap(this::address)
        .filter(address -> address.spec().isPresent() && buckets.has(address.bucket()))
        .flatMap(this::seen)
        .map(view -> plain.with(view.tag(), view.toString()))
        .orElse(plain);
  }

  /** Where it was read: MLflow's kinds of sources call it differently. */
  private static Optional<String> source(DatasetInput input) {
    try {
      JsonNode json = Json.MAPPER.readTree(input.dataset().path("source").asText());
      return Stream.of("uri", "url", "path")
          .map(json::path)
          .filter(JsonNode::isTextual)
          .map(JsonNode::asText)
          .findFirst();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private Optional<Address> address(String source) {
    Matcher s3 = S3.matcher(source);
    if (s3.matches()) {
      return Optional.of(Address.of(s3.group(1), s3.group(2), this::isWholeName));
    }
    return domain.filter(ours -> HTTP.matcher(source).matches()).flatMap(ours -> url(source, ours));
  }

  private Optional<Address> url(String source, String ours) {
    try {
      URI url = new URI(source);
      String host = Optional.ofNullable(url.getHost()).orElse("");
      if (!host.equals(ours) && !host.endsWith("." + ours)) {
        return Optional.empty();
      }
      String path = url.getRawPath();
      return Optional.of(
          Address.of(
              host,
              ours,
              path.startsWith(WEBHDFS) ? path.substring(WEBHDFS.length() - 1) : path,
              this::isWholeName));
    } catch (URISyntaxException | MalformedUriException e) {
      return Optional.empty();
    }
  }

  /** A bucket whose real name ends like a spec wins; few names do. */
  private boolean isWholeName(String name) {
    return buckets.has(name);
  }

  private Optional<SeenView> seen(Address address) {
    try {
      NamedViews.Named named = views.of(address.bucket(), address.spec().orElseThrow());
      return SeenView.of(address.bucket(), named, address.key())
          .filter(view -> !view.end().isAfter(clock.instant()));
    } catch (InvalidSpecException | NamedViews.UnknownNameException e) {
      return Optional.empty();
    }
  }
}
