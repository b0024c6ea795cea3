package dev.snapslice.core.bucket;

import java.time.Instant;
import java.util.Optional;

/**
 * A registered bucket: where it is, how far its history has come, and what we changed in it.
 *
 * @param name S3's name of it, which the time index knows it by, too
 * @param location where it is and as whom we reach it
 * @param status how far enabling or disabling it has come
 * @param progress of the step that {@code status} names
 * @param setup what enable did to it and found out about it
 * @param history up to when its history can be trusted
 * @param latestKnown whether a moment that the index has not reached is read as far as it is known,
 *     rather than waited for
 * @param amended how many late facts changed views that could already be read
 * @param webhookSecretHash of the secret that the store's webhook shows; only for other stores
 * @param created when it was registered
 * @param updated when this row was last written
 * @param version of this row, for {@link BucketCatalog#put}
 */
public record Bucket(
    String name,
    Location location,
    Status status,
    Progress progress,
    Setup setup,
    History history,
    boolean latestKnown,
    Amended amended,
    Optional<String> webhookSecretHash,
    Instant created,
    Instant updated,
    long version) {

  /** The life of a bucket with us, in this order; disabled keeps its history readable. */
  public enum Status {
    /** The steps of {@link Enabling} are under way. */
    ENABLING,
    /** Versioning was just turned on and spreads through S3. */
    SETTLING,
    /** Versions that were there before are brought in. */
    BACKFILLING,
    ACTIVE,
    DISABLING,
    DISABLED
  }

  /**
   * How far a step has come.
   *
   * @param step in words
   * @param done versions handled so far
   * @param problem why it does not go on by itself, or is being tried again
   */
  public record Progress(String step, long done, Optional<String> problem) {
    public static Progress of(String step, long done) {
      return new Progress(step, done, Optional.empty());
    }

    public Progress failed(String reason) {
      return new Progress(step, done, Optional.of(reason));
    }
  }

  /**
   * Up to when history can be trusted.
   *
   * @param indexedThrough the time up to which the index is believed complete (see {@link
   *     IndexHealth}); empty while the bucket is not active and never was
   * @param verifiedThrough the newest time for which a reconcile of the whole bucket found or made
   *     index and S3 equal
   * @param complete whether a backfill was finished, so that the index holds every key's present;
   *     stays true when the bucket is disabled
   */
  public record History(
      Optional<Instant> indexedThrough, Optional<Instant> verifiedThrough, boolean complete) {
    static final History NONE = new History(Optional.empty(), Optional.empty(), false);

    History indexedThrough(Optional<Instant> through) {
      return new History(through, verifiedThrough, complete);
    }

    /** Verified up to a time; it never goes back. */
    History verifiedThrough(Instant through) {
      boolean newer = verifiedThrough.map(through::isAfter).orElse(true);
      return newer ? new History(indexedThrough, Optional.of(through), complete) : this;
    }

    History completed() {
      return new History(indexedThrough, verifiedThrough, true);
    }
  }

  /** How often views that could already be read were changed, and when last. */
  public record Amended(long count, Optional<Instant> last) {
    static final Amended NEVER = new Amended(0, Optional.empty());
  }

  public Bucket {
    if (!isName(name)) {
      throw new IllegalArgumentException("'" + name + "' is not a bucket's name");
    }
  }

  /** Whether a bucket may be called so. */
  public static boolean isName(String text) {
    return text.matches("[A-Za-z0-9._-]{3,255}");
  }

  /** A bucket that was just registered and is not enabled yet. */
  public static Bucket registered(
      String name, Location location, Optional<String> webhookSecretHash, Instant now) {
    return new Bucket(
        name,
        location,
        Status.DISABLED,
        Progress.of("registered", 0),
        Setup.NONE,
        History.NONE,
        false,
        Amended.NEVER,
        webhookSecretHash,
        now,
        now,
        0);
  }

  /**
   * Since when its history is whole, if we turned versioning on: what was overwritten or deleted
   * before is not known, so that a view of a moment before lacks it. Empty where versioning was on.
   */
  public Optional<Instant> historySince() {
    return setup.versioningEnabledAt();
  }

  /** As its owner wants it enabled; then send the task {@code Enable}. */
  public Bucket enabling() {
    return status == Status.DISABLED || status == Status.DISABLING
        ? with(Status.ENABLING, Progress.of("waiting to be enabled", 0))
        : this;
  }

  /** As its owner wants it disabled; then send the task {@code Disable}. */
  public Bucket disabling() {
    return status == Status.DISABLED
        ? this
        : with(Status.DISABLING, Progress.of("waiting to be disabled", 0));
  }

  public Bucket latestKnown(boolean wanted) {
    return with(status, progress, setup, history, wanted);
  }

  public Bucket with(Status status, Progress progress) {
    return with(status, progress, setup, history);
  }

  public Bucket with(Progress progress) {
    return with(status, progress, setup, history);
  }

  public Bucket with(Setup setup) {
    return with(status, progress, setup, history);
  }

  public Bucket with(History history) {
    return with(status, progress, setup, history);
  }

  private Bucket with(Status status, Progress progress, Setup setup, History history) {
    return with(status, progress, setup, history, latestKnown);
  }

  private Bucket with(
      Status status, Progress progress, Setup setup, History history, boolean latestKnown) {
    return new Bucket(
        name,
        location,
        status,
        progress,
        setup,
        history,
        latestKnown,
        amended,
        webhookSecretHash,
        created,
        updated,
        version);
  }

  /** As the catalog holds it: with what other rows and attributes know of it. */
  Bucket stored(Amended amended, Instant updated, long version) {
    return new Bucket(
        name,
        location,
        status,
        progress,
        setup,
        history,
        latestKnown,
        amended,
        webhookSecretHash,
        created,
        updated,
        version);
  }
}
