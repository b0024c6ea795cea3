package dev.snapslice.proxy.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.snapslice.core.access.Credential;
import dev.snapslice.core.access.Credentials.Issued;
import dev.snapslice.core.access.Grant;
import dev.snapslice.core.access.Role;
import dev.snapslice.proxy.http.RawRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The examples of AWS's own documents, and what comes of changing them.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html">
 *     Examples: Signature calculations</a>
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html">
 *     Authenticating requests: Using query parameters</a>
 */
class SignaturesTest {
  private static final String ID = "AKIAIOSFODNN7EXAMPLE";
  private static final String SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  private static final Instant SIGNED = Instant.parse("2013-05-24T00:00:00Z");
  private static final String EMPTY =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  private static final String PRESIGNED =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256"
          + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
          + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
          + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

  private static RawRequest request(String path, String query, Map<String, String> headers) {
    Map<String, List<String>> all = new HashMap<>();
    all.put("host", List.of("examplebucket.s3.amazonaws.com"));
    headers.forEach((name, value) -> all.put(name, List.of(value)));
    return new RawRequest("GET", path, query, all);
  }

  /** GET of the first ten bytes of test.txt. */
  private static Map<String, String> headers() {
    Map<String, String> headers = new HashMap<>();
    headers.put(
        "authorization",
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
            + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    headers.put("range", "bytes=0-9");
    headers.put("x-amz-content-sha256", EMPTY);
    headers.put("x-amz-date", "20130524T000000Z");
    return headers;
  }

  private static String verified(RawRequest request, Instant now) {
    Grant grant = Grant.everywhere(Role.READER);
    Credential known = new Credential(ID, "ann", grant, "admin", SIGNED, false, Optional.empty());
    Signatures signatures =
        new Signatures(
            id -> id.equals(ID) ? Optional.of(new Issued(known, SECRET)) : Optional.empty(),
            () -> now);
    return signatures.verify(request).principal();
  }

  private static void refused(RawRequest request, Instant now, String code) {
    assertThatExceptionOfType(S3Error.class)
        .isThrownBy(() -> verified(request, now))
        .satisfies(error -> assertThat(error.code()).isEqualTo(code));
  }

  @Test
  void takes_the_documented_examples_in_a_header_and_in_a_query() {
    assertThat(verified(request("/test.txt", "", headers()), SIGNED)).isEqualTo("ann");
    assertThat(verified(request("/test.txt", PRESIGNED, Map.of()), SIGNED)).isEqualTo("ann");
  }

  @ParameterizedTest
  @CsvSource({
    "range, bytes=0-99, SignatureDoesNotMatch",
    "host, other.s3.amazonaws.com, SignatureDoesNotMatch",
    "x-amz-content-sha256, UNSIGNED-PAYLOAD, SignatureDoesNotMatch",
    "x-amz-request-payer, requester, AccessDenied",
    "x-amz-date, 20130524T000001Z, SignatureDoesNotMatch",
    "x-amz-date, 24 May 2013, AuthorizationHeaderMalformed",
    "authorization, Bearer abc, InvalidArgument",
    "authorization, AWS4-HMAC-SHA256 Credential=x, AuthorizationHeaderMalformed",
  })
  void refuses_what_was_changed_after_it_was_signed(String header, String value, String code) {
    Map<String, String> headers = headers();
    headers.put(header, value);

    refused(request("/test.txt", "", headers), SIGNED, code);
  }

  @Test
  void refuses_another_path_another_query_and_another_method() {
    RawRequest signed = request("/test.txt", "", headers());

    refused(request("/test.tx", "", headers()), SIGNED, "SignatureDoesNotMatch");
    refused(request("/test.txt", "versionId=1", headers()), SIGNED, "SignatureDoesNotMatch");
    refused(
        new RawRequest("HEAD", signed.path(), "", signed.headers()),
        SIGNED,
        "SignatureDoesNotMatch");
    refused(
        request("/test.txt", PRESIGNED.replace("86400", "604800"), Map.of()),
        SIGNED,
        "SignatureDoesNotMatch");
  }

  @Test
  void refuses_what_was_signed_too_long_ago_or_is_not_yet() {
    RawRequest inHeader = request("/test.txt", "", headers());
    RawRequest presigned = request("/test.txt", PRESIGNED, Map.of());

    refused(inHeader, SIGNED.plus(Duration.ofMinutes(16)), "RequestTimeTooSkewed");
    refused(inHeader, SIGNED.minus(Duration.ofMinutes(16)), "RequestTimeTooSkewed");
    assertThat(verified(presigned, SIGNED.plus(Duration.ofHours(24)))).isEqualTo("ann");
    refused(presigned, SIGNED.plus(Duration.ofHours(25)), "AccessDenied");
  }

  @Test
  void refuses_the_nameless_and_keys_that_nobody_has() {
    Map<String, String> headers = headers();
    headers.computeIfPresent("authorization", (name, text) -> text.replace("AKIA", "AKIB"));

    refused(request("/test.txt", "", Map.of()), SIGNED, "AccessDenied");
    refused(request("/test.txt", "", headers), SIGNED, "InvalidAccessKeyId");
  }
}
