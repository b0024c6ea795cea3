package dev.snapslice.proxy.view;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.bucket.IndexHealth;
import dev.snapslice.core.index.Cursor;
import dev.snapslice.core.index.ListItem;
import dev.snapslice.core.index.ListPage;
import dev.snapslice.core.index.ListRequest;
import dev.snapslice.core.index.ObjectView;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.label.Label;
import dev.snapslice.core.label.Labels;
import dev.snapslice.core.run.RunMoments;
import dev.snapslice.core.time.InvalidSpecException;
import dev.snapslice.core.time.ViewSpec;
import dev.snapslice.core.view.Address;
import dev.snapslice.core.view.NamedViews;
import dev.snapslice.core.view.NamedViews.Named;
import dev.snapslice.proxy.view.ViewException.Reason;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Opens the view that a request names, for a caller who may see it. A moment that the index has not
 * reached yet is waited for: what was read once must not change silently, unless the bucket is set
 * to be read as far as it is known. A run's moment is waited for in any case: it is there to be
 * read twice. Thread-safe.
 */
public final class Views {
  /** Clocks differ; what is further ahead was not meant. */
  private static final Duration AHEAD = Duration.ofSeconds(15);

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{3,255}");
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final Duration REMEMBERED = Duration.ofSeconds(2);

  private static final int MOST_MOMENTS = 100_000;

  private final TimeIndex index;
  private final BucketCatalog buckets;
  private final Labels labels;
  private final NamedViews named;
  private final Supplier<IndexHealth> health;
  private final Duration patience;
  private final InstantSource clock;
  private final LoadingCache<String, Optional<Bucket>> recent;

  /** Moments of runs by their ids: none ever changes. */
  private final Cache<String, Instant> moments =
      Caffeine.newBuilder().maximumSize(MOST_MOMENTS).build();

  private final RememberedViews remembered = new RememberedViews();
  private final AtomicReference<Instant> looked = new AtomicReference<>(Instant.EPOCH);

  /**
   * A view that its caller may see.
   *
   * @param asOf the last moment that it shows
   * @param prefix what the caller and the label limit it to
   */
  public record View(
      Bucket bucket, ViewSpec spec, ObjectView objects, Instant asOf, String prefix) {

    /** A page of the keys that the caller may see. */
    public ListPage list(ListRequest asked) {
      if (asked.prefix().startsWith(prefix)) {
        return objects.list(asked);
      }
      return prefix.startsWith(asked.prefix()) ? around(asked) : ListPage.EMPTY;
    }

    /** What one may see of a prefix that is shorter than one's own: what lies below that. */
    private ListPage around(ListRequest asked) {
      String delimiter = asked.delimiter();
      int cut = delimiter.isEmpty() ? -1 : prefix.indexOf(delimiter, asked.prefix().length());
      if (cut < 0) {
        return objects.list(new ListRequest(prefix, delimiter, asked.cursor(), asked.limit()));
      }
      String common = prefix.substring(0, cut + delimiter.length());
      Cursor cursor = asked.cursor();
      boolean passed = cursor.wholePrefix() && cursor.after().equals(common);
      return passed || objects.list(new ListRequest(prefix, "", cursor, 1)).items().isEmpty()
          ? ListPage.EMPTY
          : new ListPage(List.of(new ListItem.CommonPrefix(common)), Optional.empty());
    }
  }

  /** What views are made from. */
  public record Sources(
      TimeIndex index,
      BucketCatalog buckets,
      Labels labels,
      RunMoments runs,
      Supplier<IndexHealth> health) {}

  /** Settle: how long an event may take to the queue. */
  public Views(Sources sources, Duration settle, InstantSource clock) {
    this.index = sources.index();
    this.buckets = sources.buckets();
    this.labels = sources.labels();
    RunMoments runs = sources.runs();
    this.named =
        new NamedViews(
            labels, id -> Optional.ofNullable(moments.get(id, run -> runs.get(run).orElse(null))));
    this.health = sources.health();
    this.patience = settle.plus(AHEAD);
    this.clock = clock;
    this.recent =
        Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(REMEMBERED).build(buckets::get);
  }

  /** How often it was known which version a view shows, without asking the index. */
  public CacheStats versionStats() {
    return remembered.versionStats();
  }

  public boolean registered(String bucket) {
    return NAME.matcher(bucket).matches() && recent.get(bucket).isPresent();
  }

  /**
   * Opens a view.
   *
   * @throws ViewException if there is no such bucket, label or run, its spec cannot be read, or the
   *     index does not reach it in time
   * @throws dev.snapslice.core.access.ForbiddenException if the caller may not see it
   */
  public View open(Caller caller, Address address) {
    Bucket bucket = bucket(caller, address.bucket());
    Instant now = clock.instant();
    Named spec = address.spec().map(text -> named(bucket, text)).orElseGet(() -> present(now));
    Instant asOf = asOf(caller, spec.view());
    if (asOf.isAfter(now.plus(AHEAD))) {
      throw new ViewException(
          Reason.INVALID,
          "The moment '%s' is in the future.".formatted(address.spec().orElseThrow()));
    }
    Bucket reached = waits(bucket, address) ? reaching(bucket, asOf) : backfilled(bucket);
    String own = caller.grant().prefix();
    if (!own.startsWith(spec.prefix())) {
      caller.check(Role.READER, bucket.name(), spec.prefix());
    }
    return new View(
        reached,
        spec.view(),
        objects(reached, spec.view(), asOf),
        asOf,
        own.startsWith(spec.prefix()) ? own : spec.prefix());
  }

  private static boolean waits(Bucket bucket, Address address) {
    return address
        .spec()
        .filter(spec -> !bucket.latestKnown() || RunMoments.runOf(spec).isPresent())
        .isPresent();
  }

  /** A bucket that the caller may see. */
  public Bucket bucket(Caller caller, String name) {
    caller.check(Role.READER, name);
    return registered(name) ? recent.get(name).orElseThrow() : unknown(name);
  }

  private static Bucket unknown(String name) {
    throw new ViewException(Reason.NO_SUCH_BUCKET, name, "The specified bucket does not exist.");
  }

  private static Named present(Instant now) {
    return new Named(new ViewSpec.Snapshot(now), "");
  }

  private Named named(Bucket bucket, String spec) {
    try {
      return named.of(bucket.name(), spec);
    } catch (NamedViews.UnknownNameException e) {
      throw new ViewException(Reason.NO_SUCH_NAME, bucket.name(), e.getMessage());
    } catch (InvalidSpecException e) {
      throw new ViewException(Reason.INVALID, e.getMessage());
    }
  }

  private static Instant asOf(Caller caller, ViewSpec spec) {
    return switch (spec) {
      case ViewSpec.Snapshot(Instant at) -> {
        caller.check(at);
        yield at;
      }
      case ViewSpec.Slice(Instant from, Instant to) -> {
        caller.check(from);
        caller.check(to);
        yield to;
      }
    };
  }

  private ObjectView objects(Bucket bucket, ViewSpec spec, Instant asOf) {
    ObjectView read =
        switch (spec) {
          case ViewSpec.Snapshot(Instant at) -> index.snapshot(bucket.name(), at);
          case ViewSpec.Slice(Instant from, Instant to) -> index.slice(bucket.name(), from, to);
        };
    return reaches(bucket, asOf) ? remembered.of(bucket, spec, read) : read;
  }

  /** The present may lack what just came, but never what was there when the bucket was enabled. */
  private static Bucket backfilled(Bucket bucket) {
    if (!bucket.history().complete()) {
      throw behind(bucket);
    }
    return bucket;
  }

  private static ViewException behind(Bucket bucket) {
    return new ViewException(
        Reason.NOT_YET,
        "The index of this bucket is complete through %s, and its status is %s: try again."
            .formatted(
                bucket.history().indexedThrough().map(Instant::toString).orElse("no moment"),
                bucket.status()));
  }

  /** The bucket once its index has reached a moment. */
  private Bucket reaching(Bucket known, Instant moment) {
    Bucket bucket = known;
    Instant end = clock.instant().plus(patience);
    while (!reaches(bucket, moment)) {
      boolean moves = bucket.status() == Bucket.Status.ACTIVE;
      if (!moves || clock.instant().isAfter(end)) {
        throw behind(bucket);
      }
      look();
      recent.invalidate(known.name());
      bucket = recent.get(known.name()).orElseGet(() -> unknown(known.name()));
    }
    return bucket;
  }

  private static boolean reaches(Bucket bucket, Instant moment) {
    return bucket.history().complete()
        && bucket.history().indexedThrough().filter(t -> !moment.isAfter(t)).isPresent();
  }

  /** One request looks at the queues for all that wait. */
  private void look() {
    Instant last = looked.get();
    Instant now = clock.instant();
    if (now.isBefore(last.plus(LOOK)) || !looked.compareAndSet(last, now)) {
      try {
        Thread.sleep(LOOK);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ViewException(Reason.NOT_YET, "The server is shutting down.");
      }
      return;
    }
    health.get().refresh();
  }

  /** The bucket's labels that the caller may use, by name. */
  public List<Label> labels(Caller caller, Bucket bucket) {
    return labels.list(bucket.name()).stream()
        .filter(label -> label.coveredBy(caller.grant()))
        .toList();
  }

  /** Every bucket that the caller may see. */
  public List<Bucket> all(Caller caller) {
    return buckets.list().stream()
        .filter(bucket -> caller.grant().coversBucket(bucket.name()))
        .toList();
  }
}
