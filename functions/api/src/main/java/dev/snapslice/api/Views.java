package dev.snapslice.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Role;
import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.index.ObjectView;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.run.SeenView;
import dev.snapslice.core.time.ViewSpec;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Opens views for those who may see them, and answers them so that caches keep what is final and
 * nothing else.
 */
final class Views {
  private static final Logger log = LoggerFactory.getLogger(Views.class);

  /** How often one function looks at the queues, as long as somebody asks for what is new. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** A run's moment comes to be known within the settle time, mostly. */
  private static final Duration PAUSE = Duration.ofMillis(500);

  private static final int MOST_PAUSES = 16;

  private final Domain domain;
  private final Specs specs;
  private final AtomicReference<Instant> looked = new AtomicReference<>(Instant.EPOCH);

  /**
   * A view that its caller may see.
   *
   * @param prefix what of it was asked for
   * @param settled whether the index is complete up to its last moment, as far as is known
   */
  record View(Bucket bucket, ViewSpec spec, String prefix, boolean settled) {}

  Views(Domain domain) {
    this.domain = domain;
    this.specs = new Specs(domain.labels(), domain.runs(), domain.clock());
  }

  Specs specs() {
    return specs;
  }

  /** Reads what was asked for, once the bucket is known to be there. */
  @FunctionalInterface
  interface Asked {
    Specs.Spec read(Specs specs);
  }

  /**
   * Opens the part of a view whose keys begin with what the request says, or with what the label
   * names.
   */
  View open(Request request, Asked asked) {
    return open(request, request.query("prefix"), Role.READER, asked);
  }

  /** Opens a view for one key. */
  View openAt(Request request, String key, Asked asked) {
    return open(request, Optional.of(key), Role.READER, asked);
  }

  /**
   * Opens a view for those who may do something with it.
   *
   * @param prefix what of it; empty for all, or for what the label names
   */
  View open(Request request, Optional<String> prefix, Role needed, Asked asked) {
    Caller caller = request.caller();
    String name = request.path("bucket");
    caller.check(needed, name);
    Bucket bucket = domain.buckets().require(name);
    Specs.Spec spec = asked.read(specs);
    String part = Request.bounded(prefix.orElse(spec.prefix()));
    if (!part.startsWith(spec.prefix())) {
      throw Problem.invalid("the label is for keys that begin with '" + spec.prefix() + "'");
    }
    caller.check(needed, name, part);
    return view(bucket, spec, part, caller);
  }

  private View view(Bucket bucket, Specs.Spec asked, String prefix, Caller caller) {
    ViewSpec spec = asked.view();
    check(caller, spec);
    Instant end = end(spec);
    Bucket seen = lately(bucket, end);
    if (asked.awaited().isPresent()) {
      seen = reaching(seen, asked.awaited().get());
    }
    return new View(seen, spec, prefix, settled(seen, end));
  }

  private static void check(Caller caller, ViewSpec spec) {
    caller.check(end(spec));
    if (spec instanceof ViewSpec.Slice slice) {
      caller.check(slice.from());
    }
  }

  /** A view that somebody else asked for earlier: it is shown as far as it is known. */
  View of(Caller caller, SeenView seen) {
    caller.check(Role.READER, seen.bucket(), seen.beginning());
    check(caller, seen.spec());
    Bucket bucket = lately(domain.buckets().require(seen.bucket()), seen.end());
    return new View(bucket, seen.spec(), seen.prefix(), settled(bucket, seen.end()));
  }

  /** Whether amendments that came after a moment may have changed a part of a view. */
  boolean amended(Bucket bucket, ViewSpec spec, String prefix, Instant since) {
    // Most buckets were not amended lately: that is known without a query.
    return bucket.amended().last().map(at -> !at.isBefore(since)).orElse(false)
        && domain.amendments().touches(bucket.name(), end(spec), prefix, since);
  }

  private Bucket lately(Bucket bucket, Instant moment) {
    return settled(bucket, moment) ? bucket : lookAgain(bucket);
  }

  /** The bucket once its index has reached a moment: who reads by it reads the same again. */
  private Bucket reaching(Bucket known, Instant moment) {
    Bucket bucket = known;
    for (int pause = 0; !settled(bucket, moment); pause++) {
      if (pause == MOST_PAUSES || bucket.status() != Bucket.Status.ACTIVE) {
        throw Problem.unavailable(
            "the index of this bucket has not reached the run's moment, "
                + Rendered.time(moment)
                + " yet");
      }
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
      bucket = lookAgain(bucket);
    }
    return bucket;
  }

  static Instant end(ViewSpec spec) {
    return switch (spec) {
      case ViewSpec.Snapshot snapshot -> snapshot.at();
      case ViewSpec.Slice slice -> slice.to();
    };
  }

  private static Instant begin(ViewSpec spec) {
    return switch (spec) {
      case ViewSpec.Snapshot snapshot -> snapshot.at();
      case ViewSpec.Slice slice -> slice.from();
    };
  }

  private static boolean settled(Bucket bucket, Instant moment) {
    return bucket.history().complete()
        && bucket.history().indexedThrough().map(t -> !moment.isAfter(t)).orElse(false);
  }

  /** Indexed-through is moved on by whoever looks at the queues: it may be further by now. */
  private Bucket lookAgain(Bucket bucket) {
    Instant now = domain.clock().instant();
    Instant last = looked.get();
    if (bucket.status() != Bucket.Status.ACTIVE
        || now.isBefore(last.plus(LOOK))
        || !looked.compareAndSet(last, now)) {
      return bucket;
    }
    try {
      domain.health().get().refresh();
    } catch (SdkException e) {
      log.warn("cannot look at the queues", e);
      return bucket;
    }
    return domain.buckets().require(bucket.name());
  }

  ObjectView objects(View view) {
    String bucket = view.bucket().name();
    return switch (view.spec()) {
      case ViewSpec.Snapshot snapshot -> domain.index().snapshot(bucket, snapshot.at());
      case ViewSpec.Slice slice -> domain.index().slice(bucket, slice.from(), slice.to());
    };
  }

  /** A body that begins with what view this is. */
  static ObjectNode body(View view) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.put("bucket", view.bucket().name());
    body.put("view", view.spec().toString());
    body.put("prefix", view.prefix());
    return body;
  }

  /**
   * The answer that shows a view. What is settled may be kept if it is checked each time: the ETag
   * is of what the answer says and of the bucket's amendments.
   */
  Answer answer(Request request, View view, ObjectNode body) {
    body.put("settled", view.settled());
    Answer answer = Answer.json(200, body);
    Optional<Instant> through = view.bucket().history().indexedThrough();
    if (through.isPresent()) {
      answer = answer.with("indexed-through", Rendered.time(through.get()));
    }
    Optional<Instant> since =
        view.bucket().historySince().filter(at -> begin(view.spec()).isBefore(at));
    if (since.isPresent()) {
      answer = answer.with("history-since", Rendered.time(since.get()));
    }
    if (!view.settled()) {
      return answer;
    }
    String etag = etag(view.bucket().amended(), answer.body());
    Answer kept = answer.with("cache-control", "private, no-cache").with("etag", etag);
    return request.header("if-none-match").filter(seen -> names(seen, etag)).isPresent()
        ? new Answer(304, kept.headers(), "")
        : kept;
  }

  private static String etag(Bucket.Amended amended, String body) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((amended + "\n" + body).getBytes(UTF_8));
      byte[] half = Arrays.copyOf(digest.digest(), 16);
      return '"' + Base64.getUrlEncoder().withoutPadding().encodeToString(half) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean names(String ifNoneMatch, String etag) {
    return Arrays.stream(ifNoneMatch.split(",", -1))
        .map(String::strip)
        .map(one -> one.startsWith("W/") ? one.substring(2) : one)
        .anyMatch(one -> one.equals("*") || one.equals(etag));
  }
}
