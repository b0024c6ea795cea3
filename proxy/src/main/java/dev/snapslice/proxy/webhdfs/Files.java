package dev.snapslice.proxy.webhdfs;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.bucket.BucketClients;
import dev.snapslice.core.bucket.PresignedUrls;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import dev.snapslice.core.version.VersionEvent;
import dev.snapslice.proxy.access.Holder;
import dev.snapslice.proxy.access.Seals;
import dev.snapslice.proxy.access.Seals.Opened;
import dev.snapslice.proxy.access.Seals.Purpose;
import dev.snapslice.proxy.http.RawRequest;
import dev.snapslice.proxy.http.Response;
import dev.snapslice.proxy.http.UriText;
import dev.snapslice.proxy.origin.Origin;
import dev.snapslice.proxy.view.MissingVersions;
import dev.snapslice.proxy.view.Views;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
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

  /** What files are read from; the scheme is what we are reached by. */
  record Sources(
      Namespace namespace,
      Views views,
      MissingVersions missing,
      BucketClients clients,
      Origin origin,
      Seals seals,
      String scheme) {}

  Files(Sources sources, InstantSource clock) {
    this.namespace = sources.namespace();
    this.views = sources.views();
    this.missing = sources.missing();
    this.origin = sources.origin();
    this.presigned = new PresignedUrls(sources.clients(), clock);
    this.seals = sources.seals();
    this.scheme = sources.scheme();
    this.clock = clock;
  }

  /** The file that a place is. */
  private Version file(Place place) {
    if (place instanceof Place.InView inView) {
      return namespace
          .file(inView)
          .orElseThrow(() -> RemoteException.missing("Path is not a file: /" + inView.key()));
    }
    throw RemoteException.missing("Path is not a file.");
  }

  /** OPEN, at a path: sends to a URL that reads. */
  Response open(Holder holder, RawRequest request, Place place) {
    Version version = present(file(place));
    Bucket bucket = ((Place.InView) place).view().bucket();
    boolean whole =
        request.parameter("offset").isEmpty()
            && request.parameter("length").isEmpty()
            && !version.versionId().equals(VersionEvent.NULL_VERSION);
    boolean asJson = request.parameter("noredirect").filter("true"::equals).isPresent();
    String url =
        asJson && whole
            ? presigned.get(bucket, version, PRESIGNED_URL).url()
            : dataUrl(
                holder,
                request,
                StoredFile.of(bucket.name(), version, clock.instant().plus(DATA_URL)));
    return asJson
        ? Response.json(200, Json.MAPPER.createObjectNode().put("Location", url).toString())
        : Response.empty(307, Map.of("location", url, "content-length", "0"));
  }

  private static Version present(Version version) {
    version
        .removed()
        .ifPresent(at -> {
          throw purged(at.toString());
        });
    return version;
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
    Version version = present(file(place));
    Bucket bucket = ((Place.InView) place).view().bucket();
    StoredFile file = StoredFile.of(bucket.name(), version, clock.instant());
    try (InputStream in = bytes(bucket, file, 0, file.size())) {
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

  /** GETFILEBLOCKLOCATIONS: any node of the fleet serves any byte. */
  ObjectNode locations(RawRequest request, Place place) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    ArrayNode blocks = body.putObject("BlockLocations").putArray("BlockLocation");
    Range asked = range(request, file(place));
    for (long start = asked.from(); start < asked.to(); start += Statuses.BLOCK) {
      ObjectNode block =
          blocks
              .addObject()
              .put("offset", start)
              .put("length", Math.min(Statuses.BLOCK, asked.size() - start))
              .put("corrupt", false);
      block.putArray("hosts").add("localhost");
      block.putArray("names").add("localhost:9866");
      block.putArray("topologyPaths").add("/default-rack/localhost:9866");
      block.putArray("cachedHosts");
      block.putArray("storageIds");
      block.putArray("storageTypes").add("DISK");
    }
    return body;
  }

  /** GET_BLOCK_LOCATIONS: the same, in HDFS's own terms. */
  ObjectNode locatedBlocks(RawRequest request, Place place) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    Range asked = range(request, file(place));
    ObjectNode blocks =
        body.putObject("LocatedBlocks")
            .put("fileLength", asked.size())
            .put("isLastBlockComplete", true)
            .put("isUnderConstruction", false);
    ArrayNode located = blocks.putArray("locatedBlocks");
    for (long start = asked.from(); start < asked.to(); start += Statuses.BLOCK) {
      ObjectNode block = located.addObject().put("startOffset", start).put("isCorrupt", false);
      block
          .putObject("block")
          .put("blockId", start / Statuses.BLOCK)
          .put("blockPoolId", "snapslice")
          .put("generationStamp", 0)
          .put("numBytes", Math.min(Statuses.BLOCK, asked.size() - start));
      block.putObject("blockToken").put("urlString", "AAAAAA");
      block.putArray("locations");
      block.putArray("cachedLocations");
      block.putArray("storageTypes");
    }
    blocks.set("lastLocatedBlock", located.isEmpty() ? null : located.get(located.size() - 1));
    return body;
  }

  /**
   * The blocks that were asked for.
   *
   * @param from where the first one begins
   * @param to the end of what was asked for
   * @param size of the file
   */
  private record Range(long from, long to, long size) {}

  private static Range range(RawRequest request, Version file) {
    long offset = number(request, "offset").orElse(0);
    long length = number(request, "length").orElse(file.size());
    long end = Math.min(file.size(), offset + Math.min(length, file.size()));
    return new Range(offset / Statuses.BLOCK * Statuses.BLOCK, end, file.size());
  }

  /** The extended attributes of a file: its user metadata in S3, and what version it is. */
  Map<String, String> attributes(Place place) {
    if (place instanceof Place.InView inView && namespace.file(inView).isPresent()) {
      Version version = present(file(place));
      StoredFile file = StoredFile.of(inView.view().bucket().name(), version, clock.instant());
      Map<String, String> attributes = new LinkedHashMap<>();
      SdkHttpResponse head = head(inView.view().bucket(), file);
      head.forEachHeader((name, values) -> {
        if (name.toLowerCase(Locale.ROOT).startsWith(METADATA)) {
          String own = name.substring(METADATA.length()).toLowerCase(Locale.ROOT);
          attributes.put("user." + own, String.join(",", values));
        }
      });
      attributes.put("user.s3.version-id", version.versionId());
      attributes.put("user.s3.etag", version.etag());
      head.firstMatchingHeader("content-type")
          .ifPresent(type -> attributes.put("user.s3.content-type", type));
      return attributes;
    }
    return Map.of();
  }

  private SdkHttpResponse head(Bucket bucket, StoredFile file) {
    try {
      return origin.head(file.read(bucket, 0, file.size()));
    } catch (S3Exception e) {
      throw refused(e, file);
    }
  }
}
