package dev.snapslice.core.restore;

import dev.snapslice.core.version.ObjectKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CopyObjectResponse;
import software.amazon.awssdk.services.s3.model.DeleteMarkerEntry;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.DeleteObjectResponse;
import software.amazon.awssdk.services.s3.model.GetBucketVersioningRequest;
import software.amazon.awssdk.services.s3.model.GetBucketVersioningResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsRequest;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;
import software.amazon.awssdk.services.s3.model.ObjectVersion;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * One versioned bucket in memory that does what S3 does with versions, markers, the null version
 * and conditions. Counts the times that data was removed.
 */
final class SimulatedS3 implements S3Client {
  private final TreeMap<String, List<Stacked>> stacks = new TreeMap<>(ObjectKey::compare);
  private BucketVersioningStatus versioning = BucketVersioningStatus.ENABLED;
  private long count;
  private int removedData;

  private record Stacked(
      String key, String versionId, boolean marker, String etag, long size, Instant at) {}

  void versioning(BucketVersioningStatus status) {
    versioning = status;
  }

  int removedData() {
    return removedData;
  }

  synchronized PutObjectResponse put(String key) {
    return PutObjectResponse.builder()
        .versionId(push(key, "%032x".formatted(++count), count))
        .build();
  }

  private String push(String key, String etag, long size) {
    List<Stacked> stack = stacks.computeIfAbsent(key, k -> new ArrayList<>());
    String id = "null";
    if (versioning == BucketVersioningStatus.ENABLED) {
      id = "%016x".formatted(++count * 0x9E3779B97F4A7C15L);
    } else {
      stack.stream()
          .filter(v -> v.versionId.equals("null") && !v.marker)
          .forEach(v -> removedData++);
      stack.removeIf(v -> v.versionId.equals("null"));
    }
    Instant at = Instant.EPOCH.plusSeconds(++count);
    stack.addFirst(new Stacked(key, id, etag.isEmpty(), etag, size, at));
    return id;
  }

  @Override
  public synchronized PutObjectResponse putObject(PutObjectRequest request, RequestBody body) {
    return put(request.key());
  }

  @Override
  public synchronized GetBucketVersioningResponse getBucketVersioning(
      GetBucketVersioningRequest request) {
    return GetBucketVersioningResponse.builder().status(versioning).build();
  }

  @Override
  public synchronized ListObjectVersionsResponse listObjectVersions(
      ListObjectVersionsRequest request) {
    List<ObjectVersion> versions = new ArrayList<>();
    List<DeleteMarkerEntry> markers = new ArrayList<>();
    int most = request.maxKeys() == null ? Integer.MAX_VALUE : request.maxKeys();
    for (List<Stacked> stack : stacks.values()) {
      for (Stacked it : stack) {
        boolean latest = it.equals(stack.getFirst());
        if (!it.key.startsWith(request.prefix()) || versions.size() + markers.size() == most) {
          continue;
        }
        if (it.marker) {
          markers.add(
              DeleteMarkerEntry.builder()
                  .key(it.key)
                  .versionId(it.versionId)
                  .isLatest(latest)
                  .lastModified(it.at)
                  .build());
        } else {
          versions.add(
              ObjectVersion.builder()
                  .key(it.key)
                  .versionId(it.versionId)
                  .isLatest(latest)
                  .eTag('"' + it.etag + '"')
                  .size(it.size)
                  .lastModified(it.at)
                  .build());
        }
      }
    }
    return ListObjectVersionsResponse.builder().versions(versions).deleteMarkers(markers).build();
  }

  private Stacked find(String key, String versionId) {
    return stacks.getOrDefault(key, List.of()).stream()
        .filter(v -> v.versionId.equals(versionId) && !v.marker)
        .findFirst()
        .orElseThrow(() -> refused(404));
  }

  @Override
  public synchronized HeadObjectResponse headObject(HeadObjectRequest request) {
    Stacked found = find(request.key(), request.versionId());
    check(request.ifMatch(), found);
    return HeadObjectResponse.builder().contentLength(found.size).build();
  }

  @Override
  public synchronized CopyObjectResponse copyObject(CopyObjectRequest request) {
    Stacked source = find(request.sourceKey(), request.sourceVersionId());
    check(request.copySourceIfMatch(), source);
    checkTarget(request.destinationKey(), request.ifMatch(), request.ifNoneMatch());
    push(request.destinationKey(), source.etag, source.size);
    return CopyObjectResponse.builder().build();
  }

  private void checkTarget(String key, String ifMatch, String ifNoneMatch) {
    List<Stacked> stack = stacks.getOrDefault(key, List.of());
    boolean there = !stack.isEmpty() && !stack.getFirst().marker;
    if (ifMatch != null) {
      if (!there) {
        throw refused(404);
      }
      check(ifMatch, stack.getFirst());
    }
    if (ifNoneMatch != null && there) {
      throw refused(412);
    }
  }

  private static void check(String ifMatch, Stacked found) {
    if (ifMatch != null && !ifMatch.equals('"' + found.etag + '"')) {
      throw refused(412);
    }
  }

  private static S3Exception refused(int status) {
    return (S3Exception) S3Exception.builder().statusCode(status).message("refused").build();
  }

  @Override
  public synchronized DeleteObjectResponse deleteObject(DeleteObjectRequest request) {
    if (request.versionId() == null) {
      checkTarget(request.key(), request.ifMatch(), null);
      push(request.key(), "", 0);
      return DeleteObjectResponse.builder().build();
    }
    List<Stacked> stack = stacks.getOrDefault(request.key(), List.of());
    stack.stream()
        .filter(v -> v.versionId.equals(request.versionId()) && !v.marker)
        .forEach(v -> removedData++);
    stack.removeIf(v -> v.versionId.equals(request.versionId()));
    return DeleteObjectResponse.builder().build();
  }

  @Override
  public String serviceName() {
    return SERVICE_NAME;
  }

  @Override
  public void close() {}
}
