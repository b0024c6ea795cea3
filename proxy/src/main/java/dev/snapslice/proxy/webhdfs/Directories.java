package dev.snapslice.proxy.webhdfs;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.index.Cursor;
import dev.snapslice.core.index.ListItem;
import dev.snapslice.core.index.ListPage;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.version.Version;
import dev.snapslice.proxy.http.Response;
import dev.snapslice.proxy.view.Views;
import dev.snapslice.proxy.webhdfs.Namespace.Page;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Instant;
import java.util.Enumeration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Stream;

/** What is where, and how much of it. Thread-safe. */
final class Directories {
  private static final int UNLIMITED = -1;

  private final Namespace namespace;
  private final Views views;

  /** Files, directories and bytes below a place. */
  private record Content(long files, long directories, long bytes) {}

  Directories(Namespace namespace, Views views) {
    this.namespace = namespace;
    this.views = views;
  }

  /** GETFILESTATUS. */
  ObjectNode status(Place place) {
    ObjectNode status =
        switch (place) {
          case Place.Root root -> Statuses.directory("", Instant.EPOCH);
          case Place.Snapshots snapshots -> Statuses.directory("", snapshots.bucket().created());
          case Place.InView inView ->
              namespace
                  .file(inView)
                  .map(version -> Statuses.file("", version))
                  .orElseGet(() -> Statuses.directory("", Instant.EPOCH));
        };
    return Json.MAPPER.createObjectNode().set("FileStatus", status);
  }

  /** LISTSTATUS: as long as the directory is, made while it is sent. */
  Response list(Caller caller, Place place) {
    return switch (place) {
      case Place.InView inView -> {
        Optional<Version> file = namespace.file(inView);
        yield file.isPresent()
            ? all(Stream.of(Statuses.file("", file.get())))
            : streamed(inView, namespace.children(inView, Cursor.START));
      }
      default -> all(few(caller, place));
    };
  }

  private Stream<ObjectNode> few(Caller caller, Place place) {
    return switch (place) {
      case Place.Root root ->
          views.all(caller).stream()
              .map(bucket -> Statuses.directory(bucket.name(), bucket.created()));
      case Place.Snapshots snapshots ->
          views.labels(caller, snapshots.bucket()).stream()
              .map(label -> Statuses.directory(label.name(), label.created()));
      case Place.InView inView -> throw new IllegalArgumentException(inView.key());
    };
  }

  private static Response all(Stream<ObjectNode> statuses) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.set("FileStatuses", statuses(statuses));
    return Response.json(200, body.toString());
  }

  private static ObjectNode statuses(Stream<ObjectNode> statuses) {
    ObjectNode list = Json.MAPPER.createObjectNode();
    ArrayNode array = list.putArray("FileStatus");
    statuses.forEach(array::add);
    return list;
  }

  private Response streamed(Place.InView place, Page first) {
    if (first.next().isEmpty()) {
      return all(first.children().stream().map(Statuses::of));
    }
    return Response.streamed("application/json", new SequenceInputStream(pages(place, first)));
  }

  /** {@link SequenceInputStream} takes no newer kind of iterator. */
  @SuppressWarnings("JdkObsolete")
  private Enumeration<InputStream> pages(Place.InView place, Page first) {
    return new Enumeration<>() {
      private Optional<Page> page = Optional.of(first);
      private String before = "{\"FileStatuses\":{\"FileStatus\":[";

      @Override
      public boolean hasMoreElements() {
        return page.isPresent();
      }

      @Override
      public InputStream nextElement() {
        Page now = page.orElseThrow(NoSuchElementException::new);
        page = now.next().map(cursor -> namespace.children(place, cursor));
        StringBuilder text = new StringBuilder();
        now.children()
            .forEach(child -> {
              text.append(before).append(Statuses.of(child));
              before = ",";
            });
        if (page.isEmpty()) {
          text.append("]}}");
        }
        return new ByteArrayInputStream(text.toString().getBytes(UTF_8));
      }
    };
  }

  /** LISTSTATUS_BATCH: a page, after a name that was on the last one. */
  ObjectNode batch(Caller caller, Place place, String after) {
    return switch (place) {
      case Place.InView inView -> {
        Optional<Version> file = namespace.file(inView);
        if (file.isPresent()) {
          yield listing(Stream.of(Statuses.file("", file.get())), false);
        }
        Page page = namespace.children(inView, namespace.after(inView, after));
        yield listing(page.children().stream().map(Statuses::of), page.next().isPresent());
      }
      default -> {
        List<ObjectNode> rest =
            few(caller, place)
                .filter(status -> status.get("pathSuffix").asText().compareTo(after) > 0)
                .toList();
        yield listing(rest.stream(), false);
      }
    };
  }

  /** How many remain nobody counts: more than none, if any do. */
  private static ObjectNode listing(Stream<ObjectNode> statuses, boolean more) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    ObjectNode listing = body.putObject("DirectoryListing");
    listing.putObject("partialListing").set("FileStatuses", statuses(statuses));
    listing.put("remainingEntries", more ? 1 : 0);
    return body;
  }

  /** GETCONTENTSUMMARY. */
  ObjectNode summary(Caller caller, Place place) {
    Content content = content(caller, place);
    ObjectNode body = Json.MAPPER.createObjectNode();
    ObjectNode summary = body.putObject("ContentSummary");
    summary
        .put("directoryCount", content.directories())
        .put("fileCount", content.files())
        .put("length", content.bytes())
        .put("ecPolicy", "Replicated");
    unlimited(summary, content);
    return body;
  }

  /** GETQUOTAUSAGE. */
  ObjectNode usage(Caller caller, Place place) {
    Content content = content(caller, place);
    ObjectNode body = Json.MAPPER.createObjectNode();
    ObjectNode usage = body.putObject("QuotaUsage");
    usage.put("fileAndDirectoryCount", content.files() + content.directories());
    unlimited(usage, content);
    return body;
  }

  private static void unlimited(ObjectNode node, Content content) {
    node.put("quota", UNLIMITED).put("spaceConsumed", content.bytes()).put("spaceQuota", UNLIMITED);
    node.putObject("typeQuota");
  }

  private Content content(Caller caller, Place place) {
    return switch (place) {
      case Place.InView inView -> {
        Optional<Version> file = namespace.file(inView);
        yield file.isPresent() ? new Content(1, 0, file.get().size()) : below(inView);
      }
      default -> new Content(0, 1 + few(caller, place).count(), 0);
    };
  }

  /** Counts what is below a directory: keys with a common beginning follow each other. */
  private static Content below(Place.InView place) {
    long files = 0;
    long directories = 1;
    long bytes = 0;
    String before = place.below();
    Optional<Cursor> cursor = Optional.of(Cursor.START);
    while (cursor.isPresent()) {
      ListPage page =
          place
              .view()
              .list(new ListRequest(place.below(), "", cursor.get(), ListRequest.MAX_LIMIT));
      for (ListItem item : page.items()) {
        Version version = ((ListItem.Entry) item).version();
        String key = version.key().value();
        directories += entered(before, key);
        files += key.endsWith("/") ? 0 : 1;
        bytes += version.size();
        before = key;
      }
      cursor = page.next();
    }
    return new Content(files, directories, bytes);
  }

  /** How many directories a key is in that the key before was not. */
  private static long entered(String before, String key) {
    int common = 0;
    int shorter = Math.min(before.length(), key.length());
    while (common < shorter && before.charAt(common) == key.charAt(common)) {
      common++;
    }
    return key.substring(common).chars().filter(c -> c == '/').count();
  }
}
