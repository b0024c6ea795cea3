package dev.snapslice.proxy.mlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.snapslice.core.artifact.ArtifactPath;
import dev.snapslice.core.artifact.ArtifactStore;
import dev.snapslice.proxy.http.RawRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.AbortMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.AbortMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

class ArtifactWritesTest {
  private static final int MIB = 1 << 20;
  private static final ArtifactPath PATH = new ArtifactPath("1/r/artifacts/a.txt");

  private final Calls s3 = new Calls();
  private final ArtifactWrites writes =
      new ArtifactWrites(new ArtifactStore(new ArtifactStore.Place("b", "p/"), () -> s3));

  private static RawRequest request(Map<String, List<String>> headers, InputStream body) {
    return new RawRequest("PUT", "/", "", headers, () -> body);
  }

  private static RawRequest sized(String length) {
    return request(Map.of("content-length", List.of(length)), InputStream.nullInputStream());
  }

  private static RawRequest chunked(long bytes, boolean whole) {
    return request(Map.of("transfer-encoding", List.of("chunked")), new Body(bytes, whole));
  }

  @Test
  void puts_what_has_a_length_at_once() {
    writes.write(sized("20000000"), PATH);

    assertThat(s3.told).containsExactly("put p/1/r/artifacts/a.txt 20000000 text/plain");
  }

  @Test
  void sends_what_has_none_in_parts() {
    writes.write(chunked(20L * MIB, true), PATH);

    assertThat(s3.told)
        .containsExactly(
            "create p/1/r/artifacts/a.txt",
            "part 1 " + 8 * MIB,
            "part 2 " + 8 * MIB,
            "part 3 " + 4 * MIB,
            "complete [1, 2, 3]");
  }

  @Test
  void sends_one_empty_part_of_an_empty_body() {
    writes.write(chunked(0, true), PATH);

    assertThat(s3.told).containsExactly("create p/1/r/artifacts/a.txt", "part 1 0", "complete [1]");
  }

  @Test
  void sends_in_parts_what_is_too_large_for_one_put() {
    writes.write(sized("" + ((5L << 30) + 1)), PATH);

    assertThat(s3.told).contains("create p/1/r/artifacts/a.txt").doesNotContain("put");
  }

  @Test
  void aborts_what_breaks_off() {
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> writes.write(chunked(10L * MIB, false), PATH));

    assertThat(s3.told)
        .containsExactly("create p/1/r/artifacts/a.txt", "part 1 " + 8 * MIB, "abort");
  }

  @Test
  void refuses_a_length_that_is_none() {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> writes.write(sized("-1"), PATH));

    assertThat(s3.told).isEmpty();
  }

  /** So many bytes, and then the end, or a failure. */
  private static final class Body extends InputStream {
    private final boolean whole;
    private long left;

    Body(long bytes, boolean whole) {
      this.left = bytes;
      this.whole = whole;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0];
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (left == 0 && !whole) {
        throw new IOException("the client is gone");
      }
      int count = (int) Math.min(length, left);
      left -= count;
      return count == 0 && length > 0 ? -1 : count;
    }
  }

  /** S3 as it is called. */
  private static final class Calls implements S3Client {
    private final List<String> told = new ArrayList<>();

    @Override
    public PutObjectResponse putObject(PutObjectRequest request, RequestBody body) {
      told.add(
          "put %s %d %s"
              .formatted(
                  request.key(), body.optionalContentLength().orElse(-1L), request.contentType()));
      return PutObjectResponse.builder().build();
    }

    @Override
    public CreateMultipartUploadResponse createMultipartUpload(
        CreateMultipartUploadRequest request) {
      told.add("create " + request.key());
      return CreateMultipartUploadResponse.builder().uploadId("u").build();
    }

    @Override
    public UploadPartResponse uploadPart(UploadPartRequest request, RequestBody body) {
      told.add(
          "part %d %d".formatted(request.partNumber(), body.optionalContentLength().orElse(-1L)));
      return UploadPartResponse.builder().eTag("e").build();
    }

    @Override
    public CompleteMultipartUploadResponse completeMultipartUpload(
        CompleteMultipartUploadRequest request) {
      told.add(
          "complete "
              + request.multipartUpload().parts().stream().map(CompletedPart::partNumber).toList());
      return CompleteMultipartUploadResponse.builder().build();
    }

    @Override
    public AbortMultipartUploadResponse abortMultipartUpload(AbortMultipartUploadRequest request) {
      told.add("abort");
      return AbortMultipartUploadResponse.builder().build();
    }

    @Override
    public String serviceName() {
      return "s3";
    }

    @Override
    public void close() {}
  }
}
