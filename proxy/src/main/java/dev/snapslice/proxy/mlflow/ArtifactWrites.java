package dev.snapslice.proxy.mlflow;

import dev.snapslice.core.artifact.ArtifactPath;
import dev.snapslice.core.artifact.ArtifactStore;
import dev.snapslice.proxy.http.RawRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * Artifacts into S3, which shows them when they are whole and not before. Memory does not grow with
 * their size. Thread-safe.
 */
final class ArtifactWrites {
  /** S3 takes no more at once. */
  private static final long LARGEST_PUT = 5L << 30;

  /** Held in memory for each upload of unknown length. 10,000 of them are 78 GiB. */
  private static final int PART = 8 << 20;

  private final ArtifactStore store;
  private final ArtifactStore.Place place;

  ArtifactWrites(ArtifactStore store) {
    this.store = store;
    this.place = store.place();
  }

  /**
   * Writes what a request brings.
   *
   * @throws RefusedException if its length is none
   * @throws UncheckedIOException if the client breaks off
   */
  void write(RawRequest request, ArtifactPath path) {
    Optional<Long> length = request.header("content-length").map(ArtifactWrites::length);
    if (length.filter(bytes -> bytes <= LARGEST_PUT).isPresent()) {
      store
          .s3()
          .putObject(
              r -> r.bucket(place.bucket()).key(place.key(path)).contentType(path.contentType()),
              RequestBody.fromInputStream(request.body(), length.get()));
    } else {
      inParts(path, request.body());
    }
  }

  private static long length(String header) {
    if (!header.matches("[0-9]{1,18}")) {
      throw RefusedException.invalid("content-length: want a number");
    }
    return Long.parseLong(header);
  }

  private void inParts(ArtifactPath path, InputStream body) {
    String key = place.key(path);
    String id =
        store
            .s3()
            .createMultipartUpload(
                r -> r.bucket(place.bucket()).key(key).contentType(path.contentType()))
            .uploadId();
    boolean whole = false;
    try {
      List<CompletedPart> parts = parts(key, id, body);
      store
          .s3()
          .completeMultipartUpload(r ->
              r.bucket(place.bucket()).key(key).uploadId(id).multipartUpload(u -> u.parts(parts)));
      whole = true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (!whole) {
        abort(key, id);
      }
    }
  }

  /** The first part may be empty, any other has bytes. */
  private List<CompletedPart> parts(String key, String id, InputStream body) throws IOException {
    List<CompletedPart> parts = new ArrayList<>();
    byte[] bytes = body.readNBytes(PART);
    do {
      int number = parts.size() + 1;
      RequestBody part = RequestBody.fromBytes(bytes);
      String etag =
          store
              .s3()
              .uploadPart(
                  r -> r.bucket(place.bucket()).key(key).uploadId(id).partNumber(number), part)
              .eTag();
      parts.add(CompletedPart.builder().partNumber(number).eTag(etag).build());
      bytes = body.readNBytes(PART);
    } while (bytes.length > 0);
    return parts;
  }

  /** The bucket's lifecycle ends what cannot be ended now. */
  private void abort(String key, String id) {
    try {
      store.s3().abortMultipartUpload(r -> r.bucket(place.bucket()).key(key).uploadId(id));
    } catch (SdkException e) {
      // What failed before is told.
    }
  }
}
