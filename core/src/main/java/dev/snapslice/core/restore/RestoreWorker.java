package dev.snapslice.core.restore;

import static dev.snapslice.core.version.VersionEvent.NULL_VERSION;

import dev.snapslice.core.restore.RestoreRequest.Copy;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Takes single steps in S3. Looks at the key first: one that is as wanted is left alone, so a step
 * taken twice is taken once; and so is one that somebody wrote to since the plan. Thread-safe.
 */
final class RestoreWorker {
  private static final int PRECONDITION_FAILED = 412;

  /** Two writers met; S3 lets one of them through. */
  private static final int CONFLICT = 409;

  private final S3Client s3;
  private final RestoreRequest request;
  private final Instant now;
  private final ObjectCopy copy;

  RestoreWorker(S3Client s3, RestoreRequest request, Instant now, ObjectCopy copy) {
    this.s3 = s3;
    this.request = request;
    this.now = now;
    this.copy = copy;
  }

  /** Faults that are not the key's, such as throttling, are thrown. */
  Outcome take(RestoreStep step) {
    try {
      return switch (step) {
        case RestoreStep.Undelete undelete -> undelete(undelete);
        case RestoreStep.CopyBack back -> copyBack(back);
        case RestoreStep.Hide hide -> hide(hide.current());
        case RestoreStep.CopyTo to -> copyTo(to.version());
        case RestoreStep.Purged purged -> new Outcome.Failed("the version was removed");
      };
    } catch (S3Exception e) {
      if (e.statusCode() == PRECONDITION_FAILED || e.statusCode() == CONFLICT) {
        return new Outcome.Conflict("somebody wrote to it meanwhile");
      }
      if (e.isThrottlingException() || e.statusCode() >= 500) {
        throw e;
      }
      return new Outcome.Failed("S3 answers " + e.statusCode() + " " + e.getMessage());
    }
  }

  /** Where the key of a step is written to. */
  ObjectKey target(ObjectKey key) {
    return request instanceof Copy to
        ? new ObjectKey(to.toPrefix() + key.value().substring(to.prefix().length()))
        : key;
  }

  /** Removes marker by marker, and looks each time at what came to light. */
  private Outcome undelete(RestoreStep.Undelete step) {
    while (true) {
      Optional<Current> found = Current.of(s3, request.bucket(), step.key());
      if (found.isEmpty()) {
        return new Outcome.Conflict("every version was removed");
      }
      Current current = found.get();
      if (current.is(step.version()) || current.hasContentOf(step.version())) {
        return new Outcome.Done(0);
      }
      if (isMarkerOf(step, current)) {
        // Were the version gone, another would come to light.
        s3.headObject(r ->
            r.bucket(request.bucket())
                .key(step.key().value())
                .versionId(step.version().versionId()));
        s3.deleteObject(
            r -> r.bucket(request.bucket()).key(step.key().value()).versionId(current.versionId()));
      } else if (current.lastModified().isBefore(now.truncatedTo(ChronoUnit.SECONDS))) {
        return copy(step.version(), current); // A version that the index did not know of.
      } else {
        return written(current);
      }
    }
  }

  /** A null marker could be data by the time of the removal; other ids never change. */
  private static boolean isMarkerOf(RestoreStep.Undelete step, Current current) {
    return current.deleteMarker()
        && !current.versionId().equals(NULL_VERSION)
        && step.markers().contains(current.versionId());
  }

  private Outcome copyBack(RestoreStep.CopyBack step) {
    Optional<Current> found = Current.of(s3, request.bucket(), step.key());
    if (found.isEmpty()) {
      return new Outcome.Conflict("every version was removed");
    }
    Current current = found.get();
    if (current.is(step.current())) {
      return copy(step.version(), current);
    }
    return current.is(step.version())
            || current.hasContentOf(step.version())
            || copy.made(current, step.version(), step.key())
        ? new Outcome.Done(step.bytes())
        : written(current);
  }

  private Outcome hide(Version expected) {
    Optional<Current> found =
        Current.of(s3, request.bucket(), expected.key()).filter(c -> !c.deleteMarker());
    if (found.isEmpty()) {
      return new Outcome.Done(0);
    }
    if (!found.get().is(expected)) {
      return written(found.get());
    }
    String etag = ObjectCopy.quoted(expected.etag());
    s3.deleteObject(r -> r.bucket(request.bucket()).key(expected.key().value()).ifMatch(etag));
    return new Outcome.Done(0);
  }

  private Outcome copyTo(Version version) {
    ObjectKey target;
    try {
      target = target(version.key());
    } catch (IllegalArgumentException e) {
      return new Outcome.Failed("below the other prefix " + e.getMessage());
    }
    Optional<Current> found = Current.of(s3, request.target(), target);
    boolean there =
        found.filter(c -> c.hasContentOf(version) || copy.made(c, version, target)).isPresent();
    return there ? new Outcome.Done(version.size()) : copy(version, target, found);
  }

  private Outcome copy(Version version, Current over) {
    return copy(version, version.key(), Optional.of(over));
  }

  private Outcome copy(Version version, ObjectKey key, Optional<Current> over) {
    var target = new ObjectCopy.Target(request.target(), key, over);
    return copy.copy(request.bucket(), version, target)
        ? new Outcome.Done(version.size())
        : new Outcome.Unfinished();
  }

  private static Outcome written(Current current) {
    return new Outcome.Conflict(
        "its current version is now " + current.versionId() + " of " + current.lastModified());
  }
}
