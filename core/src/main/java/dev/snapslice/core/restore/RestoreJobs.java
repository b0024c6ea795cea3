package dev.snapslice.core.restore;

import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.job.CatalogTable;
import dev.snapslice.core.job.FanOut;
import dev.snapslice.core.job.JobId;
import dev.snapslice.core.job.JobNotes;
import dev.snapslice.core.job.JobTable;
import dev.snapslice.core.job.JobTable.Lease;
import dev.snapslice.core.job.JobTable.LostLeaseException;
import dev.snapslice.core.job.JobTable.Stored;
import dev.snapslice.core.restore.ObjectCopy.Sizes;
import dev.snapslice.core.restore.RestoreJob.Progress;
import dev.snapslice.core.restore.RestoreJob.State;
import dev.snapslice.core.version.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;

/**
 * Restores as jobs: first all changes are counted, and the job fails if a version is purged; then
 * the steps are taken in key order. How far it has come is noted batch by batch, and steps taken
 * twice are taken once, so a run may be killed at any moment. Thread-safe.
 */
public final class RestoreJobs {
  private static final int KEYS_AT_ONCE = 16;

  /** A run that is late by so much was killed. */
  private static final Duration SLACK = Duration.ofSeconds(30);

  /** How often a job looks whether the index has caught up with its present. */
  private static final Duration LOOK = Duration.ofSeconds(3);

  private static final int MOST_PROBLEMS = 1000;

  private final CatalogTable table;
  private final Buckets buckets;
  private final RestorePlanner planner;
  private final InstantSource clock;
  private final Sizes sizes;
  private final JobTable<RestoreJob> jobs;
  private final FanOut keys = new FanOut(KEYS_AT_ONCE);

  /**
   * The buckets of an installation.
   *
   * @param s3 calls S3 on behalf of a bucket, such as {@code BucketClients::s3}
   * @param indexedThrough up to when the index is complete, such as {@code IndexHealth::refresh}; a
   *     job waits until it has passed the job's present. Empty if it is not known: nothing is
   *     waited for then
   */
  public record Buckets(
      BucketCatalog catalog,
      Function<Bucket, S3Client> s3,
      Supplier<Optional<Instant>> indexedThrough) {
    private S3Client client(String bucket) {
      return s3.apply(catalog.require(bucket));
    }
  }

  public RestoreJobs(
      CatalogTable table, Buckets buckets, RestorePlanner planner, InstantSource clock) {
    this(table, buckets, planner, clock, Sizes.OF_S3);
  }

  RestoreJobs(
      CatalogTable table,
      Buckets buckets,
      RestorePlanner planner,
      InstantSource clock,
      Sizes sizes) {
    this.table = table;
    this.buckets = buckets;
    this.planner = planner;
    this.clock = clock;
    this.sizes = sizes;
    this.jobs = new JobTable<>(table, "restore", RestoreJob.class);
  }

  /**
   * Makes a job durable; a task has to {@link #resume} it.
   *
   * @param now the present, as in {@link RestorePlanner#plan}
   * @throws IllegalArgumentException if the request is about the future, or its target is reached
   *     in another way than its source, so that S3 cannot copy
   */
  public RestoreJob create(RestoreRequest request, Instant now) {
    Bucket source = buckets.catalog().require(request.bucket());
    Bucket target = buckets.catalog().require(request.target());
    if (!source.location().equals(target.location())) {
      throw new IllegalArgumentException(
          "'%s' and '%s' are not in one place: S3 copies between buckets of one account or store"
              .formatted(source.name(), target.name()));
    }
    if (request.newest().isAfter(now)) {
      throw new IllegalArgumentException(request.newest() + " is not past yet");
    }
    RestoreJob job = RestoreJob.of(JobId.next(source.name(), clock.instant()), request, now);
    jobs.create(job.id(), job);
    return job;
  }

  public Optional<RestoreJob> get(JobId id) {
    return jobs.get(id).map(Stored::job);
  }

  /** The restores of a bucket's history, newest first, older than {@code before} if that is set. */
  public List<RestoreJob> newest(String bucket, String before, int limit) {
    return jobs.newest(bucket, before, limit);
  }

  /** Stops a job: what is done stays. False if it is finished or was never there. */
  public boolean cancel(JobId id) {
    return jobs.cancel(id);
  }

  /** The report: keys that were left alone, and why, in key order after {@code after}. */
  public List<JobNotes.Note> problems(JobId id, String after, int limit) {
    return problems(id).list(after, limit);
  }

  private JobNotes problems(JobId id) {
    return new JobNotes(table, id, "problems");
  }

  private JobNotes uploads(JobId id) {
    return new JobNotes(table, id, "uploads");
  }

  /**
   * Works on a job until it is done or the deadline has passed.
   *
   * @return when to call again; empty if nothing is left to do
   */
  public Optional<Duration> resume(String jobId, Instant deadline) {
    JobId id = JobId.parse(jobId);
    Instant until = deadline.plus(SLACK);
    Optional<Lease<RestoreJob>> lease = jobs.lease(id, clock.instant(), until);
    if (lease.isEmpty()) {
      return jobs.get(id).flatMap(this::waitFor);
    }
    RestoreJob job = lease.get().job();
    S3Client client = buckets.client(job.request().target());
    var copy = new ObjectCopy(client, sizes, uploads(id), clock, deadline);
    Run run = new Run(job, lease.get(), client, copy, deadline);
    try {
      return run.go();
    } catch (LostLeaseException e) {
      return jobs.get(id).flatMap(this::waitFor);
    } catch (RuntimeException e) {
      run.interrupted(e);
      throw e;
    }
  }

  private Optional<Duration> waitFor(Stored<RestoreJob> stored) {
    RestoreJob job = stored.job();
    if (job.state() == State.CANCELLED) {
      S3Client client = buckets.client(job.request().target());
      new ObjectCopy(client, sizes, uploads(job.id()), clock, clock.instant())
          .abandon(job.request().target());
    }
    return job.finished()
        ? Optional.empty()
        : Optional.of(Duration.between(clock.instant(), stored.leased()).plusSeconds(1));
  }

  /** One run of one job. */
  private final class Run {
    private final S3Client client;
    private final ObjectCopy copy;
    private final Instant deadline;
    private RestoreJob job;
    private Lease<RestoreJob> lease;

    Run(
        RestoreJob job,
        Lease<RestoreJob> lease,
        S3Client client,
        ObjectCopy copy,
        Instant deadline) {
      this.job = job;
      this.lease = lease;
      this.client = client;
      this.copy = copy;
      this.deadline = deadline;
    }

    Optional<Duration> go() {
      if (refusedForVersioning()) {
        return Optional.empty();
      }
      if (job.state() == State.PLANNED && behind()) {
        jobs.release(job.id(), lease);
        return Optional.of(LOOK);
      }
      if ((job.state() == State.PLANNED && !plan()) || (!job.finished() && !run())) {
        jobs.release(job.id(), lease);
        return Optional.of(Duration.ZERO);
      }
      return Optional.empty();
    }

    /** Says why, and lets the next run begin at once. */
    void interrupted(RuntimeException fault) {
      Optional<String> why = Optional.of("being tried again: " + fault.getMessage());
      RestoreJob troubled = job.with(job.state(), why, clock.instant());
      jobs.release(job.id(), new Lease<>(troubled, lease.token()));
    }

    /** Whether events of before the present may still be on their way. */
    private boolean behind() {
      return buckets.indexedThrough().get().filter(t -> t.isBefore(job.now())).isPresent();
    }

    /** Where versioning is off or suspended, a copy or a marker would destroy the null version. */
    private boolean refusedForVersioning() {
      String bucket = job.request().target();
      if (client.getBucketVersioning(r -> r.bucket(bucket)).status()
          == BucketVersioningStatus.ENABLED) {
        return false;
      }
      save(
          job.with(
              State.FAILED,
              Optional.of("versioning of '" + bucket + "' is not on: data would be lost"),
              clock.instant()));
      return true;
    }

    private void save(RestoreJob next) {
      lease = jobs.save(job.id(), lease, next);
      job = next;
    }

    /** Counts; whether it came to the end. */
    private boolean plan() {
      Iterator<List<RestoreStep>> batches = planner.steps(job.request(), job.now(), job.cursor());
      while (batches.hasNext()) {
        if (!clock.instant().isBefore(deadline)) {
          return false;
        }
        List<RestoreStep> batch = batches.next();
        RestorePlan sum = new RestorePlan(job.now(), job.planned(), List.of());
        RestorePlan plan = sum.plus(batch);
        if (plan.counts().purged() <= MOST_PROBLEMS) {
          plan.purged().forEach(key -> note(key, "the version was removed: its bytes are gone"));
        }
        save(job.planned(plan.counts(), last(batch), clock.instant()));
      }
      long purged = job.planned().purged();
      save(
          purged == 0
              ? job.running(clock.instant())
              : job.with(
                  State.FAILED,
                  Optional.of(purged + " versions are purged: nothing was changed"),
                  clock.instant()));
      return true;
    }

    private String last(List<RestoreStep> batch) {
      return batch.isEmpty() ? job.cursor() : batch.getLast().key().value();
    }

    private void note(ObjectKey key, String why) {
      problems(job.id()).put(key, why, clock.instant());
    }

    /** Takes the steps; whether it came to the end. */
    private boolean run() {
      RestoreWorker worker = new RestoreWorker(client, job.request(), job.now(), copy);
      Iterator<List<RestoreStep>> batches = planner.steps(job.request(), job.now(), job.cursor());
      while (batches.hasNext()) {
        if (!clock.instant().isBefore(deadline)) {
          return false;
        }
        List<RestoreStep> batch = batches.next();
        List<Outcome> outcomes = keys.map(batch, worker::take);
        if (outcomes.stream().anyMatch(Outcome.Unfinished.class::isInstance)) {
          return false;
        }
        report(batch, outcomes);
        IntStream.range(0, batch.size())
            .filter(i -> batch.get(i).bytes() > sizes.single())
            .filter(i -> outcomes.get(i) instanceof Outcome.Done)
            .forEach(i -> copy.forget(worker.target(batch.get(i).key())));
      }
      copy.abandon(job.request().target());
      save(job.with(State.DONE, Optional.empty(), clock.instant()));
      return true;
    }

    private void report(List<RestoreStep> batch, List<Outcome> outcomes) {
      Progress sum = job.progress();
      for (Outcome outcome : outcomes) {
        sum = sum.plus(outcome);
      }
      IntStream.range(0, batch.size())
          .forEach(i -> {
            switch (outcomes.get(i)) {
              case Outcome.Conflict it -> note(batch.get(i).key(), it.why());
              case Outcome.Failed it -> note(batch.get(i).key(), it.why());
              case Outcome.Done it -> {}
              case Outcome.Unfinished it -> {}
            }
          });
      save(job.done(sum, last(batch), clock.instant()));
    }
  }
}
