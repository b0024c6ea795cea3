package dev.snapslice.proxy.webhdfs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.bucket.PresignedUrls;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.uri.UriText;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.proxy.access.Holder;
import dev.snapslice.proxy.access.Seals;
import dev.snapslice.proxy.access.Seals.Opened;
import dev.snapslice.proxy.access.Seals.Purpose;
import dev.snapslice.proxy.http.RawRequest;
import dev.snapslice.proxy.http.Response;
import dev.snapslice.proxy.origin.Origin;
import dev.snapslice.proxy.view.MissingVersions;
import dev.snapslice.proxy.view.Parts;
import dev.snapslice.proxy.view.Views;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * The bytes of files, and what else S3 knows of them. Thread-safe.
 *
 * <p>Hadoop's client keeps the URL to which {@code OPEN} sends it and appends the offset of each
 * seek to it. So that URL is our own: it names the exact version, and is served without the index.
 */
final class Files {
  /** Longer than any stream is read; it ends with its credential, too. */
  private static final Duration DATA_URL = Duration.ofHours(12);

  private static final String METADATA = "x-amz-meta-";

  private static final Duration PRESIGNED_URL = Duration.ofMinutes(5);

  private final Namespace namespace;
  private final Views views;
  private final MissingVersions missing;
  private final Origin origin;
  private final PresignedUrls presigned;
  private final Seals seals;
  private final String scheme;
  private final InstantSource clock;

  /** Of an installation; the scheme is what we are reached by. */
  Files(Parts parts, Namespace namespace, Seals seals, String scheme, InstantSource clock) {
    this.namespace = namespace;
    this.views = parts.views();
    this.missing = parts.missing();
    this.origin = parts.origin();
    this.presigned = new PresignedUrls(parts.clients(), clock);
    this.seals = seals;
    this.scheme = scheme;
    this.clock = clock;
  }

  /** A file, and the bucket that it is in. */
  private record Found(Bucket bucket, Version version) {

    /** As it is read, now that nothing is known of its removal. */
    StoredFile stored(Instant end) {
      version
          .removed()
          .ifPresent(at -> {
            throw purged(at.toString());
          });
      return StoredFile.of(bucket.name(), version, end);
    }
  }

  private Optional<Found> find(Place place) {
    return place instanceof Place.InView inView
        ? namespace.file(inView).map(version -> new Found(inView.view().bucket(), version))
        : Optional.empty();
  }

  private Found file(Place place) {
    String path = place instanceof Place.InView inView ? ": /" + inView.key() : ".";
    return find(place).orElseThrow(() -> RemoteException.missing("Path is not a file" + path));
  }

  /** OPEN, at a path: sends to a URL that reads. */
  Response open(Holder holder, RawRequest request, Place place) {
    Found found = file(place);
    StoredFile stored = found.stored(clock.instant().plus(DATA_URL));
    boolean whole =
        request.parameter("offset").isEmpty()
            && request.parameter("length").isEmpty()
            && !stored.versionId().equals(VersionEvent.NULL_VERSION);
    boolean asJson = request.parameter("noredirect").filter("true"::equals).isPresent();
    String url =
        asJson && whole
            ? presigned.get(found.bucket(), found.version(), PRESIGNED_URL).url()
            : dataUrl(holder, request, stored);
    return asJson
        ? Response.json(200, Json.MAPPER.createObjectNode().put("Location", url).toString())
        : Response.empty(307, Map.of("location", url, "content-length", "0"));
  }

  private static RemoteException purged(String when) {
    return RemoteException.missing("The version was permanently removed: " + when);
  }

  private String dataUrl(Holder holder, RawRequest request, StoredFile file) {
    StringBuilder url = new StringBuilder(scheme).append("://");
    url.append(request.header("host").orElseThrow(() -> RemoteException.invalid("no Host header")));
    url.append(request.path()).append("?op=OPEN&data=");
    url.append(seals.text(Purpose.DATA, holder, file));
    request.parameter("length").ifPresent(n -> url.append("&length=").append(UriText.encode(n)));
    request.parameter("offset").ifPresent(n -> url.append("&offset=").append(UriText.encode(n)));
    return url.toString();
  }

  /** OPEN, at a data URL. */
  Response read(RawRequest request, String data) {
    Opened<StoredFile> opened =
        seals
            .open(Purpose.DATA, data, StoredFile.class)
            .filter(found -> clock.instant().isBefore(found.value().end()))
            .orElseThrow(() -> RemoteException.denied("The data URL is none of ours, or ended."));
    StoredFile file = opened.value();
    Holder holder = opened.holder();
    request.audit().by(holder.issued().credential().id());
    request.audit().of(file.bucket(), Optional.of("version"), file.key());
    Bucket bucket = views.bucket(holder.caller(), file.bucket());
    long offset = number(request, "offset").orElse(0);
    if (offset > file.size()) {
      throw RemoteException.io("Offset=" + offset + " out of the range [0, " + file.size() + "]");
    }
    long rest = file.size() - offset;
    long length = Math.min(rest, number(request, "length").orElse(rest));
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("content-type", "application/octet-stream");
    headers.put("content-length", Long.toString(length));
    long asked = System.nanoTime();
    InputStream body = bytes(bucket, file, offset, offset + length);
    request.audit().upstream(Duration.ofNanos(System.nanoTime() - asked));
    return new Response(200, headers, body);
  }

  private static OptionalLong number(RawRequest request, String name) {
    Optional<String> text = request.parameter(name);
    if (text.isEmpty() || text.get().equals("null")) {
      return OptionalLong.empty();
    }
    if (!text.get().matches("[0-9]{1,18}")) {
      throw RemoteException.invalid(
          "Invalid value for webhdfs parameter \"%s\": want a number of bytes".formatted(name));
    }
    return OptionalLong.of(Long.parseLong(text.get()));
  }

  private InputStream bytes(Bucket bucket, StoredFile file, long from, long to) {
    if (from == to) {
      return InputStream.nullInputStream();
    }
    try {
      return origin.get(file.read(bucket, from, to)).body();
    } catch (S3Exception e) {
      throw refused(e, file);
    }
  }

  private RemoteException refused(S3Exception e, StoredFile file) {
    if (e.statusCode() == 404 || e.statusCode() == 412) {
      missing.tell(file.bucket(), new ObjectKey(file.key()));
      return purged("S3 has it no longer.");
    }
    String message = "S3 refused the read: " + e.awsErrorDetails().errorCode();
    return e.statusCode() >= 500 ? RemoteException.retriable(message) : RemoteException.io(message);
  }

  /**
   * GETFILECHECKSUM: the checksum that HDFS would give a file of these bytes, in its default form,
   * so that it may be compared with a copy there. Reads the whole file.
   */
  ObjectNode checksum(Place place) {
    Found found = file(place);
    StoredFile stored = found.stored(clock.instant());
    try (InputStream in = bytes(found.bucket(), stored, 0, stored.size())) {
      HdfsChecksum checksum = HdfsChecksum.of(in);
      ObjectNode body = Json.MAPPER.createObjectNode();
      body.putObject("FileChecksum")
          .put("algorithm", checksum.algorithm())
          .put("bytes", HexFormat.of().formatHex(checksum.bytes()))
          .put("length", checksum.bytes().length);
      return body;
    } catch (IOException e) {
      throw RemoteException.retriable("S3 broke off: " + e.getMessage());
    }
  }

  /** The blocks of a file, if any node of the fleet that serves any byte of it had such. */
  Blocks blocks(RawRequest request, Place place) {
    long size = file(place).version().size();
    return Blocks.of(
        size, number(request, "offset").orElse(0), number(request, "length").orElse(size));
  }

  /** The extended attributes of a file: its user metadata in S3, and what version it is. */
  Map<String, String> attributes(Place place) {
    return find(place).map(this::attributes).orElseGet(Map::of);
  }

  private Map<String, String> attributes(Found found) {
    StoredFile stored = found.stored(clock.instant());
    SdkHttpResponse head = head(found.bucket(), stored);
    Map<String, String> attributes = new LinkedHashMap<>();
    head.forEachHeader((name, values) -> {
      String lower = name.toLowerCase(Locale.ROOT);
      if (lower.startsWith(METADATA)) {
        attributes.put("user." + lower.substring(METADATA.length()), String.join(",", values));
      }
    });
    attributes.put("user.s3.version-id", stored.versionId());
    attributes.put("user.s3.etag", stored.etag());
    head.firstMatchingHeader("content-type")
        .ifPresent(type -> attributes.put("user.s3.content-type", type));
    return attributes;
  }

  private SdkHttpResponse head(Bucket bucket, StoredFile file) {
    try {
      return origin.head(file.read(bucket, 0, file.size()));
    } catch (S3Exception e) {
      throw refused(e, file);
    }
  }
}
