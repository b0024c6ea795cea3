package dev.snapslice.proxy.webhdfs;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.index.Cursor;
import dev.snapslice.core.index.DiffEntry;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.label.Label;
import dev.snapslice.proxy.http.RawRequest;
import dev.snapslice.proxy.view.Views;
import dev.snapslice.proxy.view.Views.View;
import java.time.Instant;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * HDFS's snapshots: buckets are the directories that have them, labels are those with a name, and
 * any moment is one, too. Thread-safe.
 */
final class Snapshots {
  private static final int PAGE = 1000;

  /** Of an {@code int} that must not become negative. */
  private static final int DEEPEST = 31;

  private final Namespace namespace;
  private final Views views;
  private final TimeIndex index;

  /** Where a listing of differences goes on: what it takes for nothing more. */
  private static final int FINISHED = -1;

  Snapshots(Namespace namespace, Views views, TimeIndex index) {
    this.namespace = namespace;
    this.views = views;
    this.index = index;
  }

  /** GETSNAPSHOTTABLEDIRECTORYLIST. */
  ObjectNode directories(Caller caller) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    ArrayNode list = body.putArray("SnapshottableDirectoryList");
    for (Bucket bucket : views.all(caller)) {
      ObjectNode entry = list.addObject();
      entry.set("dirStatus", Statuses.directory(bucket.name(), bucket.created()));
      entry
          .put("parentFullPath", "/")
          .put("snapshotNumber", views.labels(caller, bucket).size())
          .put("snapshotQuota", Integer.MAX_VALUE);
    }
    return body;
  }

  /** GETSNAPSHOTLIST. */
  ObjectNode list(Caller caller, Place place) {
    Bucket bucket = bucket(place);
    ObjectNode body = Json.MAPPER.createObjectNode();
    ArrayNode list = body.putArray("SnapshotList");
    List<Label> labels = views.labels(caller, bucket);
    for (int i = 0; i < labels.size(); i++) {
      Label label = labels.get(i);
      ObjectNode entry = list.addObject();
      entry.set("dirStatus", Statuses.directory(label.name(), label.created()));
      entry
          .put("parentFullPath", "/" + bucket.name())
          .put("snapshotID", i)
          .put("deletionStatus", "ACTIVE");
    }
    return body;
  }

  private static Bucket bucket(Place place) {
    return switch (place) {
      case Place.InView inView -> inView.view().bucket();
      case Place.Snapshots snapshots -> snapshots.bucket();
      case Place.Root root ->
          throw RemoteException.io("Directory is not a snapshottable directory: /");
    };
  }

  /**
   * What is compared.
   *
   * @param reversed whether the first of the two is the later one
   * @param prefix of the keys, which are told without it
   */
  private record Compared(
      String bucket, Instant earlier, Instant later, boolean reversed, String prefix) {

    String relative(String key) {
      return key.substring(prefix.length());
    }
  }

  private Compared compared(Caller caller, RawRequest request, Place place) {
    if (!(place instanceof Place.InView inView)) {
      throw RemoteException.io("Path is not a directory of a bucket.");
    }
    String bucket = inView.view().bucket().name();
    View from = namespace.snapshot(caller, bucket, request.parameter("oldsnapshotname").orElse(""));
    View to = namespace.snapshot(caller, bucket, request.parameter("snapshotname").orElse(""));
    for (String seen : List.of(from.prefix(), to.prefix())) {
      if (!inView.below().startsWith(seen)) {
        throw RemoteException.denied("You may compare below '" + seen + "'.");
      }
    }
    boolean reversed = from.asOf().isAfter(to.asOf());
    return new Compared(
        bucket,
        reversed ? to.asOf() : from.asOf(),
        reversed ? from.asOf() : to.asOf(),
        reversed,
        inView.below());
  }

  private Iterator<DiffEntry> differences(Compared compared, Cursor cursor) {
    return index.diff(
        compared.bucket(), compared.earlier(), compared.later(), compared.prefix(), cursor);
  }

  /** GETSNAPSHOTDIFF: all of it. */
  ObjectNode diff(Caller caller, RawRequest request, Place place) {
    Compared compared = compared(caller, request, place);
    ObjectNode body = Json.MAPPER.createObjectNode();
    ObjectNode report =
        body.putObject("SnapshotDiffReport")
            .put("snapshotRoot", "/" + compared.bucket())
            .put("fromSnapshot", request.parameter("oldsnapshotname").orElse(""))
            .put("toSnapshot", request.parameter("snapshotname").orElse(""));
    ArrayNode list = report.putArray("diffList");
    Set<String> changedDirectories = new HashSet<>();
    differences(compared, Cursor.START)
        .forEachRemaining(entry -> {
          String path = compared.relative(entry.key().value());
          Kind kind = Kind.of(entry, compared.reversed());
          if (kind != Kind.MODIFY && changedDirectories.add(directory(path))) {
            list.addObject().put("type", Kind.MODIFY.name()).put("sourcePath", directory(path));
          }
          list.addObject().put("type", kind.name()).put("sourcePath", path);
        });
    return body;
  }

  /** How HDFS names what happened to a file. */
  private enum Kind {
    CREATE("createList"),
    DELETE("deleteList"),
    MODIFY("modifyList");

    private final String list;

    Kind(String list) {
      this.list = list;
    }

    static Kind of(DiffEntry entry, boolean reversed) {
      return switch (entry.change()) {
        case MODIFIED -> MODIFY;
        case ADDED -> reversed ? DELETE : CREATE;
        case DELETED -> reversed ? CREATE : DELETE;
      };
    }
  }

  /**
   * GETSNAPSHOTDIFFLISTING: a page. A directory in which files came or went is told of once, though
   * pages may part it: the index that the client sends back holds a bit for each directory above
   * the last path that was told of.
   */
  ObjectNode diffListing(Caller caller, RawRequest request, Place place) {
    Compared compared = compared(caller, request, place);
    String start = request.parameter("snapshotdiffstartpath").orElse("");
    Set<String> told = told(start, Math.max(0, number(request, "snapshotdiffindex")));
    ObjectNode body = Json.MAPPER.createObjectNode();
    ObjectNode listing = body.putObject("SnapshotDiffReportListing").put("isFromEarlier", true);
    for (Kind kind : Kind.values()) {
      listing.putArray(kind.list);
    }
    Cursor cursor = start.isEmpty() ? Cursor.START : Cursor.afterKey(compared.prefix() + start);
    Iterator<DiffEntry> entries = differences(compared, cursor);
    String last = "";
    for (int i = 0; i < PAGE && entries.hasNext(); i++) {
      DiffEntry entry = entries.next();
      last = compared.relative(entry.key().value());
      Kind kind = Kind.of(entry, compared.reversed());
      if (kind != Kind.MODIFY && told.add(directory(last))) {
        add(listing, Kind.MODIFY, directory(last), id(directory(last)), true);
      }
      add(listing, kind, last, id(directory(last)), false);
    }
    boolean more = entries.hasNext();
    return body.set(
        "SnapshotDiffReportListing",
        listing
            .put("lastPath", more ? last : "")
            .put("lastIndex", more ? bits(last, told) : FINISHED));
  }

  private static void add(
      ObjectNode listing, Kind kind, String path, long directory, boolean isDirectory) {
    listing
        .withArray(kind.list)
        .addObject()
        .put("dirId", directory)
        .put("fileId", isDirectory ? directory : id(path))
        .put("sourcePath", path)
        .put("isReference", isDirectory);
  }

  private static int number(RawRequest request, String name) {
    String text = request.parameter(name).orElse("0");
    if (!text.matches("-?[0-9]{1,9}|[0-9]{10}")) {
      throw RemoteException.invalid("Invalid value for webhdfs parameter \"" + name + "\"");
    }
    return (int) Long.parseLong(text);
  }

  /** The directory that a path is in, empty for the root. */
  private static String directory(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
  }

  private static Set<String> told(String last, int bits) {
    Set<String> told = new HashSet<>();
    String directory = directory(last);
    for (int depth = depth(directory); depth >= 0; depth--) {
      if (depth < DEEPEST && (bits >> depth & 1) == 1) {
        told.add(directory);
      }
      directory = directory(directory);
    }
    return told;
  }

  private static int bits(String last, Set<String> told) {
    int bits = 0;
    String directory = directory(last);
    for (int depth = depth(directory); depth >= 0; depth--) {
      if (depth < DEEPEST && told.contains(directory)) {
        bits |= 1 << depth;
      }
      directory = directory(directory);
    }
    return bits;
  }

  private static int depth(String directory) {
    return directory.isEmpty() ? 0 : 1 + (int) directory.chars().filter(c -> c == '/').count();
  }

  /** Joins entries of one listing. */
  private static long id(String path) {
    return UUID.nameUUIDFromBytes(path.getBytes(UTF_8)).getMostSignificantBits() & Long.MAX_VALUE;
  }
}
