package dev.snapslice.core.restore;

import static dev.snapslice.core.version.VersionEvent.NULL_VERSION;

import dev.snapslice.core.job.FanOut;
import dev.snapslice.core.job.JobNotes;
import dev.snapslice.core.version.ObjectKey;
import dev.snapslice.core.version.Version;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchUploadException;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.Tag;
import software.amazon.awssdk.services.s3.model.Tagging;

/**
 * Copies versions inside S3 with metadata, tags and storage class; encryption and ACL are the
 * target bucket's default. What is too large for one request goes part by part, and goes on where
 * an earlier run stopped. An upload that was begun in the moment of a crash is known to nobody: the
 * bucket's lifecycle rule for incomplete uploads is there for it. Thread-safe.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/CopyingObjectsMPUapi.html">Copying
 *     by multipart upload</a>
 */
final class ObjectCopy {
  private static final int MOST_PARTS = 10_000;
  private static final int PARTS_AT_ONCE = 16;

  private final S3Client s3;
  private final Sizes sizes;
  private final JobNotes uploads;
  private final InstantSource clock;
  private final Instant deadline;
  private final FanOut parts = new FanOut(PARTS_AT_ONCE);

  /**
   * How large objects are copied, in bytes.
   *
   * @param single the largest that S3 copies in one request
   * @param part of larger ones; more where that makes too many
   */
  record Sizes(long single, long part) {
    static final Sizes OF_S3 = new Sizes(5L << 30, 512L << 20);

    long partOf(long size) {
      return Math.max(part, Math.ceilDiv(size, MOST_PARTS));
    }

    long partsOf(long size) {
      return Math.ceilDiv(size, partOf(size));
    }
  }

  /** Where a version is copied to, and what is there now. */
  record Target(String bucket, ObjectKey key, Optional<Current> over) {
    /** The ETag that has to be there still; empty if nothing may be. */
    Optional<String> etag() {
      return over.filter(current -> !current.deleteMarker()).map(c -> quoted(c.etag()));
    }
  }

  ObjectCopy(S3Client s3, Sizes sizes, JobNotes uploads, InstantSource clock, Instant deadline) {
    this.s3 = s3;
    this.sizes = sizes;
    this.uploads = uploads;
    this.clock = clock;
    this.deadline = deadline;
  }

  /** Whether what is there now is what an earlier run of this very copy left there. */
  boolean made(Current current, Version version, ObjectKey target) {
    return version.size() > sizes.single()
        && current.size() == version.size()
        && current.etag().endsWith("-" + sizes.partsOf(version.size()))
        && uploads.get(target).isPresent();
  }

  /**
   * Copies, unless somebody writes to the target meanwhile.
   *
   * @return whether it is done; otherwise the deadline has passed
   */
  boolean copy(String sourceBucket, Version version, Target target) {
    HeadObjectResponse head =
        s3.headObject(r ->
            r.bucket(sourceBucket)
                .key(version.key().value())
                .versionId(version.versionId())
                .ifMatch(sourceEtag(version)));
    if (version.size() > sizes.single()) {
      return inParts(sourceBucket, version, target, head);
    }
    s3.copyObject(r ->
        r.sourceBucket(sourceBucket)
            .sourceKey(version.key().value())
            .sourceVersionId(version.versionId())
            .copySourceIfMatch(sourceEtag(version))
            .destinationBucket(target.bucket())
            .destinationKey(target.key().value())
            .storageClass(head.storageClassAsString())
            .ifMatch(target.etag().orElse(null))
            .ifNoneMatch(target.etag().isPresent() ? null : "*"));
    return true;
  }

  /** {@code null} names whatever the null version is now; other ids always name the same bytes. */
  private static String sourceEtag(Version version) {
    return version.versionId().equals(NULL_VERSION) ? quoted(version.etag()) : null;
  }

  static String quoted(String etag) {
    return '"' + etag + '"';
  }

  private boolean inParts(
      String sourceBucket, Version version, Target target, HeadObjectResponse head) {
    String upload =
        uploads.get(target.key()).orElseGet(() -> begin(sourceBucket, version, target, head));
    Map<Integer, String> etags;
    try {
      etags = uploaded(target, upload);
    } catch (NoSuchUploadException e) {
      upload = begin(sourceBucket, version, target, head);
      etags = new HashMap<>();
    }
    String id = upload;
    Map<Integer, String> before = etags;
    List<Long> missing =
        LongStream.range(0, sizes.partsOf(version.size()))
            .filter(part -> !before.containsKey((int) part + 1))
            .boxed()
            .toList();
    List<Optional<CompletedPart>> copied =
        parts.map(missing, part -> part(sourceBucket, version, target, id, part));
    if (copied.stream().anyMatch(Optional::isEmpty)) {
      return false;
    }
    copied.forEach(part -> before.put(part.get().partNumber(), part.get().eTag()));
    complete(target, id, before);
    return true;
  }

  private String begin(
      String sourceBucket, Version version, Target target, HeadObjectResponse head) {
    List<Tag> tags =
        s3.getObjectTagging(r ->
                r.bucket(sourceBucket).key(version.key().value()).versionId(version.versionId()))
            .tagSet();
    String upload =
        s3.createMultipartUpload(r ->
                r.bucket(target.bucket())
                    .key(target.key().value())
                    .metadata(head.metadata())
                    .contentType(head.contentType())
                    .contentEncoding(head.contentEncoding())
                    .contentDisposition(head.contentDisposition())
                    .contentLanguage(head.contentLanguage())
                    .cacheControl(head.cacheControl())
                    .websiteRedirectLocation(head.websiteRedirectLocation())
                    .storageClass(head.storageClassAsString())
                    .tagging(tags.isEmpty() ? null : Tagging.builder().tagSet(tags).build()))
            .uploadId();
    uploads.put(target.key(), upload, clock.instant());
    return upload;
  }

  private Map<Integer, String> uploaded(Target target, String upload) {
    Map<Integer, String> etags = new HashMap<>();
    s3.listPartsPaginator(r -> r.bucket(target.bucket()).key(target.key().value()).uploadId(upload))
        .parts()
        .forEach((Part part) -> etags.put(part.partNumber(), part.eTag()));
    return etags;
  }

  private Optional<CompletedPart> part(
      String sourceBucket, Version version, Target target, String upload, long part) {
    if (!clock.instant().isBefore(deadline)) {
      return Optional.empty();
    }
    long start = part * sizes.partOf(version.size());
    long end = Math.min(start + sizes.partOf(version.size()), version.size()) - 1;
    String etag =
        s3.uploadPartCopy(r ->
                r.sourceBucket(sourceBucket)
                    .sourceKey(version.key().value())
                    .sourceVersionId(version.versionId())
                    .copySourceIfMatch(sourceEtag(version))
                    .copySourceRange("bytes=" + start + "-" + end)
                    .destinationBucket(target.bucket())
                    .destinationKey(target.key().value())
                    .uploadId(upload)
                    .partNumber((int) part + 1))
            .copyPartResult()
            .eTag();
    return Optional.of(CompletedPart.builder().partNumber((int) part + 1).eTag(etag).build());
  }

  private void complete(Target target, String upload, Map<Integer, String> etags) {
    List<CompletedPart> all = new ArrayList<>();
    for (int number = 1; number <= etags.size(); number++) {
      all.add(CompletedPart.builder().partNumber(number).eTag(etags.get(number)).build());
    }
    s3.completeMultipartUpload(r ->
        r.bucket(target.bucket())
            .key(target.key().value())
            .uploadId(upload)
            .multipartUpload(m -> m.parts(all))
            .ifMatch(target.etag().orElse(null))
            .ifNoneMatch(target.etag().isPresent() ? null : "*"));
  }

  /** Forgets an upload that is complete. */
  void forget(ObjectKey target) {
    uploads.remove(target);
  }

  /** Gives up what was begun and not forgotten, so that nobody pays for its parts. */
  void abandon(String bucket) {
    for (List<JobNotes.Note> some = uploads.list("", 100);
        !some.isEmpty();
        some = uploads.list("", 100)) {
      for (JobNotes.Note upload : some) {
        try {
          s3.abortMultipartUpload(
              r -> r.bucket(bucket).key(upload.key().value()).uploadId(upload.text()));
        } catch (NoSuchUploadException e) {
          // It was completed after all.
        }
        uploads.remove(upload.key());
      }
    }
  }
}
