package dev.snapslice.proxy.webhdfs;

import dev.snapslice.core.access.Caller;
import dev.snapslice.core.index.Cursor;
import dev.snapslice.core.index.ListItem;
import dev.snapslice.core.index.ListPage;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.index.Lookup;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import dev.snapslice.core.view.Address;
import dev.snapslice.proxy.http.RawRequest;
import dev.snapslice.proxy.view.Views;
import dev.snapslice.proxy.view.Views.View;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A file system over keys. Directories are implied by the keys below them, or by a key that ends
 * with a slash. Where a key is both, an empty object is a directory and any other is a file, whose
 * "children" are still there by their own paths. Keys that no path can name (two slashes in a row)
 * are left out of lists. Thread-safe.
 */
final class Namespace {
  private static final String SNAPSHOTS = ".snapshot";

  private final Views views;
  private final String domain;

  /** A name in a directory; a directory itself if there is no file of it. */
  record Child(String name, Optional<Version> file) {}

  /** A page of a directory; more of it follows if there is a cursor. */
  record Page(List<Child> children, Optional<Cursor> next) {}

  Namespace(Views views, String domain) {
    this.views = views;
    this.domain = domain;
  }

  /**
   * Finds what a path names.
   *
   * @param path as it was sent, without the protocol's prefix
   */
  Place place(Caller caller, RawRequest request, String path) {
    Address address =
        Address.of(request.header("host").orElse(""), domain, path, views::registered);
    request.audit().of(address.bucket(), address.spec(), address.key());
    if (address.written().isEmpty()) {
      return new Place.Root();
    }
    String key = withoutSlash(address.key());
    if (!key.equals(SNAPSHOTS) && !key.startsWith(SNAPSHOTS + "/")) {
      return new Place.InView(views.open(caller, address), key);
    }
    if (address.spec().isPresent()) {
      throw RemoteException.invalid("A snapshot has no snapshots of its own.");
    }
    String rest = key.substring(SNAPSHOTS.length());
    return rest.isEmpty()
        ? new Place.Snapshots(views.bucket(caller, address.bucket()))
        : inSnapshot(caller, address, rest.substring(1));
  }

  private Place inSnapshot(Caller caller, Address address, String path) {
    int slash = path.indexOf('/');
    String name = slash < 0 ? path : path.substring(0, slash);
    return new Place.InView(
        snapshot(caller, address.bucket(), name), slash < 0 ? "" : path.substring(slash + 1));
  }

  /**
   * The view that a snapshot's name means: a time spec, a label or a run; the present if it is
   * empty.
   */
  View snapshot(Caller caller, String bucket, String name) {
    Optional<String> spec =
        Optional.of(name)
            .filter(text -> !text.isEmpty())
            .map(text -> Address.isSpec(text) ? text : "label-" + text);
    return views.open(caller, new Address(bucket, bucket, spec, ""));
  }

  private static String withoutSlash(String key) {
    return key.endsWith("/") ? key.substring(0, key.length() - 1) : key;
  }

  /** The file that a place is; empty if it is a directory; an exception if it is nothing. */
  Optional<Version> file(Place.InView place) {
    if (place.key().isEmpty()) {
      return Optional.empty();
    }
    Optional<Version> found = version(place.view(), place.key());
    if (found.filter(version -> version.size() > 0).isPresent()) {
      return found;
    }
    if (hasBelow(place.view(), place.below())) {
      return Optional.empty();
    }
    return Optional.of(found.orElseThrow(() -> RemoteException.notFound(shown(place))));
  }

  private static String shown(Place.InView place) {
    return "/" + place.view().bucket().name() + "/" + place.key();
  }

  private Optional<Version> version(View view, String text) {
    if (!text.startsWith(view.prefix())) {
      return Optional.empty();
    }
    return switch (view.objects().lookup(key(text))) {
      case Lookup.Found(Version found) -> Optional.of(found);
      case Lookup.Purged(Version gone, var at) -> Optional.of(gone);
      case Lookup.Deleted deleted -> Optional.empty();
      case Lookup.Absent absent -> Optional.empty();
    };
  }

  private static ObjectKey key(String text) {
    try {
      return new ObjectKey(text);
    } catch (IllegalArgumentException e) {
      throw RemoteException.invalid(e.getMessage());
    }
  }

  private static boolean hasBelow(View view, String prefix) {
    return !view.list(new ListRequest(prefix, "", Cursor.START, 1)).items().isEmpty();
  }

  /** A page of what is in a directory, in S3's order. */
  Page children(Place.InView place, Cursor cursor) {
    View view = place.view();
    ListPage page = view.list(new ListRequest(place.below(), "/", cursor, ListRequest.MAX_LIMIT));
    Map<String, Version> files = new HashMap<>();
    Set<String> directories = new HashSet<>();
    for (ListItem item : page.items()) {
      switch (item) {
        case ListItem.Entry(Version version) -> files.put(version.key().value(), version);
        case ListItem.CommonPrefix(String prefix) -> directories.add(withoutSlash(prefix));
      }
    }
    // Between a key and what is below it come keys that begin with it, so that they may lie on two
    // pages: only then is there more to ask.
    String first = cursor.after();
    String last = page.next().map(Cursor::after).orElse("");
    Predicate<String> isDirectory =
        key -> directories.contains(key) || (last.startsWith(key) && hasBelow(view, key + "/"));
    Predicate<String> isFile =
        key ->
            Optional.ofNullable(files.get(key))
                .or(() -> first.startsWith(key) ? version(view, key) : Optional.empty())
                .filter(version -> version.size() > 0)
                .isPresent();
    List<Child> children = new ArrayList<>();
    for (ListItem item : page.items()) {
      Optional<Version> file =
          item instanceof ListItem.Entry(Version version) ? Optional.of(version) : Optional.empty();
      String key =
          switch (item) {
            case ListItem.Entry(Version version) -> version.key().value();
            case ListItem.CommonPrefix(String prefix) -> withoutSlash(prefix);
          };
      Predicate<String> isOther =
          file.isEmpty() ? isFile : file.get().size() == 0 ? isDirectory : none -> false;
      if (key.length() > place.below().length() && !isOther.test(key)) {
        children.add(new Child(key.substring(place.below().length()), file));
      }
    }
    return new Page(children, page.next());
  }

  /** Where a directory goes on after a name in it. */
  Cursor after(Place.InView place, String name) {
    if (name.isEmpty()) {
      return Cursor.START;
    }
    String key = place.below() + name;
    Optional<Version> found = version(place.view(), key);
    boolean file =
        found.filter(v -> v.size() > 0 || !hasBelow(place.view(), key + "/")).isPresent();
    return file ? Cursor.afterKey(key) : Cursor.afterPrefix(key + "/");
  }
}
