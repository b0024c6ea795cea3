package dev.snapslice.core.restore;

import static dev.snapslice.core.version.VersionEvent.NULL_VERSION;

import dev.snapslice.core.index.Cursor;
import dev.snapslice.core.index.DiffEntry;
import dev.snapslice.core.index.ListItem;
import dev.snapslice.core.index.ListPage;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.index.ObjectView;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.job.FanOut;
import dev.snapslice.core.restore.RestoreRequest.Back;
import dev.snapslice.core.restore.RestoreRequest.Copy;
import dev.snapslice.core.restore.RestoreRequest.Markers;
import dev.snapslice.core.time.ViewSpec;
import dev.snapslice.core.version.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Says from the index what has to be done, at a cost in proportion to what changed since and not to
 * the bucket. Asked again about the same present it says the same, unless the index has learnt of
 * late events. Thread-safe.
 */
public final class RestorePlanner {
  /** How many keys are looked at together, and between two notes of how far a job has come. */
  static final int BATCH = 250;

  private static final int AT_ONCE = 16;

  private final TimeIndex index;
  private final FanOut lookUps = new FanOut(AT_ONCE);

  public RestorePlanner(TimeIndex index) {
    this.index = index;
  }

  /**
   * A dry run.
   *
   * @param now the present; the index has to be complete up to then (<em>indexed-through</em>)
   * @throws IllegalArgumentException if the request is about the future
   */
  public RestorePlan plan(RestoreRequest request, Instant now) {
    RestorePlan plan = RestorePlan.empty(now);
    for (Iterator<List<RestoreStep>> steps = steps(request, now, ""); steps.hasNext(); ) {
      plan = plan.plus(steps.next());
    }
    return plan;
  }

  /**
   * The steps about the keys after {@code after}, in key order, in batches that are read as they
   * are asked for.
   */
  Iterator<List<RestoreStep>> steps(RestoreRequest request, Instant now, String after) {
    if (request.newest().isAfter(now)) {
      throw new IllegalArgumentException(
          request.newest() + " is after " + now + ": a restore goes back in time");
    }
    Cursor cursor = after.isEmpty() ? Cursor.START : Cursor.afterKey(after);
    return switch (request) {
      case Back back -> new BackSteps(back, now, cursor);
      case Copy copy -> new CopySteps(copy, cursor);
    };
  }

  /** From the keys that differ between then and now. */
  private final class BackSteps implements Iterator<List<RestoreStep>> {
    private final Back request;
    private final Instant now;
    private final Iterator<DiffEntry> changes;

    BackSteps(Back request, Instant now, Cursor cursor) {
      this.request = request;
      this.now = now;
      this.changes = index.diff(request.bucket(), request.at(), now, request.prefix(), cursor);
    }

    @Override
    public boolean hasNext() {
      return changes.hasNext();
    }

    @Override
    public List<RestoreStep> next() {
      List<DiffEntry> some = new ArrayList<>();
      while (changes.hasNext() && some.size() < BATCH) {
        some.add(changes.next());
      }
      return lookUps.map(some, this::step).stream().flatMap(Optional::stream).toList();
    }

    private Optional<RestoreStep> step(DiffEntry change) {
      if (change.before().isEmpty()) {
        return change.after().map(RestoreStep.Hide::new);
      }
      Version wanted = change.before().get();
      if (wanted.removed().isPresent()) {
        return Optional.of(new RestoreStep.Purged(wanted));
      }
      if (change.after().isPresent() && !isNull(wanted)) {
        return Optional.of(new RestoreStep.CopyBack(wanted, change.after().get()));
      }
      if (change.between().stream().anyMatch(RestorePlanner::isNull) || isNull(wanted)) {
        return step(wanted, index.history(request.bucket(), wanted.key()));
      }
      // What lies above the version of then came since.
      return above(wanted, change.between().stream().filter(v -> v.aliveAt(now)).toList());
    }

    /** Decides by the whole stack of the key's versions, newest first. */
    private Optional<RestoreStep> step(Version wanted, List<Version> history) {
      boolean purged =
          history.stream()
              .filter(version -> same(version, wanted))
              .allMatch(version -> version.removed().isPresent());
      if (purged) {
        return Optional.of(new RestoreStep.Purged(wanted));
      }
      List<Version> stack = history.stream().filter(version -> version.aliveAt(now)).toList();
      return above(wanted, stack.stream().takeWhile(version -> !same(version, wanted)).toList());
    }

    private Optional<RestoreStep> above(Version wanted, List<Version> above) {
      if (above.isEmpty()) {
        return Optional.empty(); // A late event has made it current again.
      }
      boolean onlyMarkers =
          above.stream().allMatch(version -> version.deleteMarker() && !isNull(version));
      return Optional.of(
          onlyMarkers && request.markers() == Markers.REMOVE
              ? new RestoreStep.Undelete(wanted, above.stream().map(Version::versionId).toList())
              : new RestoreStep.CopyBack(wanted, above.getFirst()));
    }
  }

  /** From the keys that a view contains. */
  private final class CopySteps implements Iterator<List<RestoreStep>> {
    private final ObjectView view;
    private ListRequest request;
    private Optional<ListPage> page;

    CopySteps(Copy copy, Cursor cursor) {
      this.view = view(copy.bucket(), copy.view());
      this.request = new ListRequest(copy.prefix(), "", cursor, BATCH);
      this.page = Optional.of(view.list(request)).filter(first -> !first.items().isEmpty());
    }

    @Override
    public boolean hasNext() {
      return page.isPresent();
    }

    @Override
    public List<RestoreStep> next() {
      ListPage read = page.orElseThrow();
      page =
          read.next()
              .map(next -> {
                request = request.from(next);
                return view.list(request);
              });
      return read.items().stream()
          .map(ListItem.Entry.class::cast)
          .<RestoreStep>map(entry ->
              entry.purged()
                  ? new RestoreStep.Purged(entry.version())
                  : new RestoreStep.CopyTo(entry.version()))
          .toList();
    }
  }

  private ObjectView view(String bucket, ViewSpec spec) {
    return switch (spec) {
      case ViewSpec.Snapshot snapshot -> index.snapshot(bucket, snapshot.at());
      case ViewSpec.Slice slice -> index.slice(bucket, slice.from(), slice.to());
    };
  }

  static boolean isNull(Version version) {
    return version.versionId().equals(NULL_VERSION);
  }

  private static boolean same(Version a, Version b) {
    return a.versionId().equals(b.versionId())
        && a.deleteMarker() == b.deleteMarker()
        && (!isNull(a) || (a.created().equals(b.created()) && a.etag().equals(b.etag())));
  }
}
