package dev.snapslice.bench;

import dev.snapslice.core.version.VersionEvent;
import java.net.URI;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/** A bucket of MinIO to read from, directly or as it was at a moment, and URLs for it. */
record StoredReads(ReadStack stack, Instant moment) {
  static final String BUCKET = "reads";
  static final int SMALL = 1_000;
  static final int PART = 64 << 20;

  static final int SMALL_BYTES = 4 * 1024;

  /** Writes small objects, and larger ones of some parts by key; returns when all are readable. */
  static StoredReads write(ReadStack stack, Map<String, Integer> large)
      throws InterruptedException {
    List<VersionEvent> events = new ArrayList<>();
    try (S3Client s3 = stack.minio().s3()) {
      Minio.create(s3, BUCKET);
      large.forEach((key, parts) -> events.add(parts(s3, key, parts)));
      for (int i = 0; i < SMALL; i++) {
        String key = smallKey(i);
        var put =
            s3.putObject(
                r -> r.bucket(BUCKET).key(key), RequestBody.fromBytes(new byte[SMALL_BYTES]));
        events.add(ReadStack.listed(key, put.versionId(), put.eTag(), SMALL_BYTES, past()));
      }
    }
    events.sort(Comparator.comparing(event -> event.key().value()));
    Instant moment = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    stack.index(BUCKET, events.iterator());
    return new StoredReads(stack, moment);
  }

  /** Before the moment, whatever the clocks say. */
  private static Instant past() {
    return Instant.now().minusSeconds(60);
  }

  static String smallKey(int number) {
    return "small/%05d.bin".formatted(number);
  }

  private static VersionEvent parts(S3Client s3, String key, int parts) {
    String upload = s3.createMultipartUpload(r -> r.bucket(BUCKET).key(key)).uploadId();
    List<CompletedPart> done = new ArrayList<>();
    for (int i = 1; i <= parts; i++) {
      int number = i;
      String etag =
          s3.uploadPart(
                  r -> r.bucket(BUCKET).key(key).uploadId(upload).partNumber(number),
                  RequestBody.fromBytes(new byte[PART]))
              .eTag();
      done.add(CompletedPart.builder().partNumber(number).eTag(etag).build());
    }
    var completed =
        s3.completeMultipartUpload(
            r -> r.bucket(BUCKET).key(key).uploadId(upload).multipartUpload(u -> u.parts(done)));
    long size = (long) parts * PART;
    return ReadStack.listed(key, completed.versionId(), completed.eTag(), size, past());
  }

  /** The same at another moment. */
  StoredReads at(Instant other) {
    return new StoredReads(stack, other);
  }

  /** The bucket as it is named at the proxy. */
  String view() {
    return ReadStack.view(BUCKET, moment);
  }

  /** Signed GETs of all small objects, at MinIO itself or at the proxy. */
  List<URI> small(boolean direct) {
    return IntStream.range(0, SMALL)
        .mapToObj(StoredReads::smallKey)
        .map(key -> get(direct, key))
        .toList();
  }

  /** A signed GET, at MinIO itself or at the proxy. */
  URI get(boolean direct, String key) {
    return direct
        ? stack.minio().presigned(BUCKET, key)
        : stack.presigned(stack.proxy(), view(), key);
  }
}
