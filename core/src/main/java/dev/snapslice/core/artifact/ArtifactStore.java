package dev.snapslice.core.artifact;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * The bucket of MLflow's artifacts: an object for each, whose key is the prefix and the artifact's
 * path. Thread-safe.
 */
public final class ArtifactStore {
  private final Place place;
  private final Supplier<S3Client> s3;

  /**
   * Where the artifacts are.
   *
   * @param prefix of all keys; empty, or with a slash at its end
   */
  public record Place(String bucket, String prefix) {
    private static final String BUCKET = "SNAPSLICE_ARTIFACT_BUCKET";
    private static final String PREFIX = "SNAPSLICE_ARTIFACT_PREFIX";

    /** Checks the prefix. */
    public Place {
      if (!prefix.isEmpty() && (prefix.startsWith("/") || !prefix.endsWith("/"))) {
        throw new IllegalArgumentException(
            PREFIX + "=" + prefix + ": want a slash at its end, and none before");
      }
    }

    /** Reads the environment; empty where no bucket is named. */
    public static Optional<Place> from(Map<String, String> environment) {
      return Optional.ofNullable(environment.get(BUCKET))
          .filter(bucket -> !bucket.isBlank())
          .map(bucket -> new Place(bucket, environment.getOrDefault(PREFIX, "")));
    }

    public String key(ArtifactPath path) {
      return prefix + path.text();
    }
  }

  /**
   * What a folder holds.
   *
   * @param size in bytes; empty for a folder
   */
  public record Entry(String name, Optional<Long> size) {}

  /**
   * A part of what a folder holds, by name.
   *
   * @param next by which S3 goes on, if there is more
   */
  public record Page(List<Entry> entries, Optional<String> next) {}

  public ArtifactStore(Place place, Supplier<S3Client> s3) {
    this.place = place;
    this.s3 = s3;
  }

  public Place place() {
    return place;
  }

  /** Calls S3. */
  public S3Client s3() {
    return s3.get();
  }

  private String folder(ArtifactPath path) {
    return path.isRoot() ? place.prefix() : place.key(path) + "/";
  }

  /** At most a thousand entries of a folder; none where there is no folder. */
  public Page list(ArtifactPath path, Optional<String> token) {
    String folder = folder(path);
    ListObjectsV2Response page =
        s3().listObjectsV2(r ->
            r.bucket(place.bucket())
                .prefix(folder)
                .delimiter("/")
                .continuationToken(token.orElse(null)));
    List<Entry> entries = new ArrayList<>();
    page.commonPrefixes()
        .forEach(below ->
            entries.add(
                new Entry(
                    below.prefix().substring(folder.length(), below.prefix().length() - 1),
                    Optional.empty())));
    page.contents().stream()
        .filter(object -> !object.key().equals(folder))
        .forEach(object ->
            entries.add(
                new Entry(object.key().substring(folder.length()), Optional.of(object.size()))));
    entries.sort(Comparator.comparing(Entry::name));
    return new Page(entries, Optional.ofNullable(page.nextContinuationToken()));
  }

  /** What S3 knows of an artifact; empty if there is none. */
  public Optional<HeadObjectResponse> head(ArtifactPath path) {
    try {
      return Optional.of(s3().headObject(r -> r.bucket(place.bucket()).key(place.key(path))));
    } catch (NoSuchKeyException e) {
      return Optional.empty();
    }
  }

  /**
   * Deletes an artifact, or a folder with all that it holds; neither has to be there.
   *
   * @throws S3Exception if something is left; what is gone stays gone
   */
  public void delete(ArtifactPath path) {
    s3().deleteObject(r -> r.bucket(place.bucket()).key(place.key(path)));
    s3().listObjectsV2Paginator(r -> r.bucket(place.bucket()).prefix(folder(path))).stream()
        .map(page ->
            page.contents().stream()
                .map(object -> ObjectIdentifier.builder().key(object.key()).build())
                .toList())
        .filter(objects -> !objects.isEmpty())
        .forEach(this::delete);
  }

  private void delete(List<ObjectIdentifier> objects) {
    DeleteObjectsResponse answer =
        s3().deleteObjects(
                r -> r.bucket(place.bucket()).delete(d -> d.objects(objects).quiet(true)));
    if (answer.hasErrors() && !answer.errors().isEmpty()) {
      throw S3Exception.builder()
          .message("S3 left " + answer.errors().size() + " artifacts: try again")
          .statusCode(503)
          .build();
    }
  }
}
