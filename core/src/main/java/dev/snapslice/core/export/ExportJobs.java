package dev.snapslice.core.export;

import dev.snapslice.core.bucket.Bucket;
import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.export.ExportJob.State;
import dev.snapslice.core.export.ExportJob.Written;
import dev.snapslice.core.index.ObjectView;
import dev.snapslice.core.index.TimeIndex;
import dev.snapslice.core.job.CatalogTable;
import dev.snapslice.core.job.JobId;
import dev.snapslice.core.job.JobTable;
import dev.snapslice.core.job.JobTable.Lease;
import dev.snapslice.core.job.JobTable.LostLeaseException;
import dev.snapslice.core.job.JobTable.Stored;
import dev.snapslice.core.time.ViewSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.NoSuchUploadException;

/**
 * Exports as jobs. A file grows part by part in a multipart upload, and each part is noted, so a
 * run may be killed at any moment; memory holds one part. Thread-safe.
 */
public final class ExportJobs {
  /** 10,000 parts of this size are about 1.5 billion lines. */
  static final int PART_BYTES = 16 << 20;

  /** A run that is late by so much was killed. */
  private static final Duration SLACK = Duration.ofSeconds(30);

  /** Metadata of a file: which job wrote it. */
  private static final String JOB = "snapslice-export";

  private final JobTable<ExportJob> jobs;
  private final BucketCatalog buckets;
  private final Function<Bucket, S3Client> s3;
  private final TimeIndex index;
  private final InstantSource clock;
  private final int partBytes;

  /**
   * Of an installation.
   *
   * @param s3 calls S3 on behalf of a bucket, such as {@code BucketClients::s3}
   */
  public ExportJobs(
      CatalogTable table,
      BucketCatalog buckets,
      Function<Bucket, S3Client> s3,
      TimeIndex index,
      InstantSource clock) {
    this(table, buckets, s3, index, clock, PART_BYTES);
  }

  ExportJobs(
      CatalogTable table,
      BucketCatalog buckets,
      Function<Bucket, S3Client> s3,
      TimeIndex index,
      InstantSource clock,
      int partBytes) {
    this.jobs = new JobTable<>(table, "export", ExportJob.class);
    this.buckets = buckets;
    this.s3 = s3;
    this.index = index;
    this.clock = clock;
    this.partBytes = partBytes;
  }

  /** Makes a job durable; a task has to {@link #resume} it. */
  public ExportJob create(ExportRequest request) {
    buckets.require(request.bucket());
    buckets.require(request.toBucket());
    Instant now = clock.instant();
    ExportJob job = ExportJob.of(JobId.next(request.bucket(), now), request, now);
    jobs.create(job.id(), job);
    return job;
  }

  public Optional<ExportJob> get(JobId id) {
    return jobs.get(id).map(Stored::job);
  }

  /** Stops a job; there will be no file. False if it is finished or was never there. */
  public boolean cancel(JobId id) {
    return jobs.cancel(id);
  }

  /**
   * Works on a job until it is done or the deadline has passed.
   *
   * @return when to call again; empty if nothing is left to do
   */
  public Optional<Duration> resume(String jobId, Instant deadline) {
    JobId id = JobId.parse(jobId);
    Optional<Lease<ExportJob>> lease = jobs.lease(id, clock.instant(), deadline.plus(SLACK));
    if (lease.isEmpty()) {
      return jobs.get(id).flatMap(this::waitFor);
    }
    Run run = new Run(lease.get(), client(lease.get().job()), deadline);
    try {
      return run.go() ? Optional.empty() : Optional.of(Duration.ZERO);
    } catch (LostLeaseException e) {
      return jobs.get(id).flatMap(this::waitFor);
    } catch (RuntimeException e) {
      run.interrupted(e);
      throw e;
    }
  }

  private S3Client client(ExportJob job) {
    return s3.apply(buckets.require(job.request().toBucket()));
  }

  private Optional<Duration> waitFor(Stored<ExportJob> stored) {
    ExportJob job = stored.job();
    if (job.state() == State.CANCELLED && job.written().upload().isPresent()) {
      abandon(job, job.written().upload().get());
    }
    return job.finished()
        ? Optional.empty()
        : Optional.of(Duration.between(clock.instant(), stored.leased()).plusSeconds(1));
  }

  private void abandon(ExportJob job, String upload) {
    try {
      client(job)
          .abortMultipartUpload(
              r -> r.bucket(job.request().toBucket()).key(job.file()).uploadId(upload));
    } catch (NoSuchUploadException e) {
      // An earlier run did so.
    }
  }

  private ObjectView view(ExportRequest request) {
    return switch (request.view()) {
      case ViewSpec.Snapshot snapshot -> index.snapshot(request.bucket(), snapshot.at());
      case ViewSpec.Slice slice -> index.slice(request.bucket(), slice.from(), slice.to());
    };
  }

  /** One run of one job. */
  private final class Run {
    private final S3Client client;
    private final Instant deadline;
    private final String bucket;
    private final String file;
    private ExportJob job;
    private Lease<ExportJob> lease;

    Run(Lease<ExportJob> lease, S3Client client, Instant deadline) {
      this.job = lease.job();
      this.lease = lease;
      this.client = client;
      this.deadline = deadline;
      this.bucket = job.request().toBucket();
      this.file = job.file();
    }

    /** Whether it came to the end. */
    boolean go() {
      ObjectView view = view(job.request());
      while (true) {
        Optional<ManifestPart> read =
            ManifestPart.read(job.request(), view, job.written(), partBytes, clock, deadline);
        if (read.isEmpty()) {
          jobs.release(job.id(), lease);
          return false;
        }
        ManifestPart part = read.get();
        if (part.last()) {
          finish(part);
          return true;
        }
        upload(part, uploadId());
      }
    }

    /** Says why, and lets the next run begin at once. */
    void interrupted(RuntimeException fault) {
      Optional<String> why = Optional.of("being tried again: " + fault.getMessage());
      ExportJob troubled = job.with(job.state(), why, clock.instant());
      jobs.release(job.id(), new Lease<>(troubled, lease.token()));
    }

    private void save(ExportJob next) {
      lease = jobs.save(job.id(), lease, next);
      job = next;
    }

    private Map<String, String> metadata() {
      return Map.of(JOB, job.id().toString());
    }

    private String uploadId() {
      return job.written()
          .upload()
          .orElseGet(() -> {
            String id =
                client
                    .createMultipartUpload(r -> r.bucket(bucket).key(file).metadata(metadata()))
                    .uploadId();
            save(job.with(job.written().to(id), clock.instant()));
            return id;
          });
    }

    private void upload(ManifestPart part, String upload) {
      put(part, upload);
      Written written = part.after().to(upload);
      save(job.with(written, clock.instant()));
    }

    private void put(ManifestPart part, String upload) {
      client.uploadPart(
          r -> r.bucket(bucket).key(file).uploadId(upload).partNumber(part.after().parts()),
          RequestBody.fromBytes(part.bytes()));
    }

    private void finish(ManifestPart part) {
      Optional<String> upload = job.written().upload();
      if (upload.isEmpty()) {
        client.putObject(
            r -> r.bucket(bucket).key(file).metadata(metadata()),
            RequestBody.fromBytes(part.bytes()));
      } else if (!complete(part, upload.get()) && !isThere()) {
        save(
            job.with(
                State.FAILED,
                Optional.of("the multipart upload was removed by somebody"),
                clock.instant()));
        return;
      }
      Instant now = clock.instant();
      save(job.with(part.after(), now).with(State.DONE, Optional.empty(), now));
    }

    /** Whether the upload was there still. */
    private boolean complete(ManifestPart last, String upload) {
      try {
        if (last.bytes().length > 0) {
          put(last, upload);
        }
        List<CompletedPart> parts =
            client
                .listPartsPaginator(r -> r.bucket(bucket).key(file).uploadId(upload))
                .parts()
                .stream()
                .map(p -> CompletedPart.builder().partNumber(p.partNumber()).eTag(p.eTag()).build())
                .toList();
        client.completeMultipartUpload(
            r -> r.bucket(bucket).key(file).uploadId(upload).multipartUpload(m -> m.parts(parts)));
        return true;
      } catch (NoSuchUploadException e) {
        return false;
      }
    }

    /** Whether an earlier run was killed just after it had completed the file. */
    private boolean isThere() {
      try {
        return metadata().equals(client.headObject(r -> r.bucket(bucket).key(file)).metadata());
      } catch (NoSuchKeyException e) {
        return false;
      }
    }
  }
}
