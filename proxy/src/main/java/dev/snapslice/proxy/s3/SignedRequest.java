package dev.snapslice.proxy.s3;

import dev.snapslice.proxy.http.RawRequest;
import dev.snapslice.proxy.http.RawRequest.Parameter;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a request says of its own signature, in its {@code Authorization} header or, presigned, in
 * its query.
 *
 * @param scope date, region, service and {@code aws4_request}
 * @param time when it was signed, and how it was written
 * @param expires how long after that it holds; empty if it was not presigned
 * @param signedHeaders lower-case names, as they were sent
 * @param payload SHA-256 of the body in hex, or one of S3's words
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html">
 *     Authenticating requests (Signature Version 4)</a>
 */
record SignedRequest(
    String accessKeyId,
    List<String> scope,
    Instant time,
    String writtenTime,
    Optional<Duration> expires,
    List<String> signedHeaders,
    String payload,
    String signature) {
  static final String ALGORITHM = "AWS4-HMAC-SHA256";
  static final String SIGNATURE = "X-Amz-Signature";
  static final Pattern HEX_SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final String UNSIGNED = "UNSIGNED-PAYLOAD";
  private static final Duration LONGEST = Duration.ofDays(7);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmssX").withZone(ZoneOffset.UTC);
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,6}");
  private static final Pattern FIELD = Pattern.compile("\\s*([A-Za-z]+)=([^,]*?)\\s*(?:,|$)");

  /**
   * Reads it from wherever it is.
   *
   * @throws S3Error if there is none, or it cannot be read
   */
  static SignedRequest of(RawRequest request) {
    List<Parameter> parameters = request.parameters();
    Optional<String> header = request.header("authorization");
    boolean second = parameters.stream().anyMatch(p -> p.name().equals("AWSAccessKeyId"));
    if (second || header.filter(text -> text.startsWith("AWS ")).isPresent()) {
      throw S3Error.invalidRequest(
          "The authorization mechanism you have provided is not supported. Please use "
              + ALGORITHM
              + ".");
    }
    boolean presigned = parameters.stream().anyMatch(p -> p.name().equals("X-Amz-Algorithm"));
    if (header.isPresent() && presigned) {
      throw S3Error.invalid(
          "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter or the"
              + " Authorization header should be specified");
    }
    return presigned
        ? presigned(parameters)
        : inHeader(
            request,
            header.orElseThrow(() ->
                S3Error.denied("Nobody reads anonymously: sign the request with an access key.")));
  }

  private static SignedRequest inHeader(RawRequest request, String header) {
    if (!header.startsWith(ALGORITHM + " ")) {
      throw S3Error.invalid("Unsupported Authorization Type: want " + ALGORITHM + ".");
    }
    Map<String, String> fields = new TreeMap<>();
    Matcher field = FIELD.matcher(header.substring(ALGORITHM.length()));
    while (field.find()) {
      fields.put(field.group(1), field.group(2));
    }
    String time =
        request
            .header("x-amz-date")
            .orElseThrow(() -> S3Error.denied("A signed request needs an x-amz-date header."));
    String payload =
        request
            .header("x-amz-content-sha256")
            .orElseThrow(() ->
                new S3Error(
                    400,
                    "InvalidRequest",
                    "Missing required header for this request: x-amz-content-sha256"));
    return checked(
        fields.getOrDefault("Credential", ""),
        time,
        Optional.empty(),
        fields.getOrDefault("SignedHeaders", ""),
        payload,
        fields.getOrDefault("Signature", ""),
        "AuthorizationHeaderMalformed");
  }

  private static SignedRequest presigned(List<Parameter> parameters) {
    Map<String, String> fields =
        parameters.stream()
            .collect(Collectors.toMap(Parameter::name, Parameter::value, (first, second) -> first));
    if (!fields.get("X-Amz-Algorithm").equals(ALGORITHM)) {
      throw malformed(
          "AuthorizationQueryParametersError", "X-Amz-Algorithm only supports " + ALGORITHM);
    }
    String expires = fields.getOrDefault("X-Amz-Expires", "");
    if (!NUMBER.matcher(expires).matches() || Long.parseLong(expires) > LONGEST.toSeconds()) {
      throw malformed(
          "AuthorizationQueryParametersError",
          "X-Amz-Expires must be a number of seconds, at most a week");
    }
    return checked(
        fields.getOrDefault("X-Amz-Credential", ""),
        fields.getOrDefault("X-Amz-Date", ""),
        Optional.of(Duration.ofSeconds(Long.parseLong(expires))),
        fields.getOrDefault("X-Amz-SignedHeaders", ""),
        fields.getOrDefault("X-Amz-Content-Sha256", UNSIGNED),
        fields.getOrDefault(SIGNATURE, ""),
        "AuthorizationQueryParametersError");
  }

  private static SignedRequest checked(
      String credential,
      String time,
      Optional<Duration> expires,
      String signedHeaders,
      String payload,
      String signature,
      String errorCode) {
    String[] parts = credential.split("/", -1);
    if (parts.length != 5 || !parts[3].equals("s3") || !parts[4].equals("aws4_request")) {
      throw malformed(errorCode, "want a credential of the form ID/DATE/REGION/s3/aws4_request");
    }
    if (!HEX_SHA256.matcher(signature).matches()) {
      throw malformed(errorCode, "want a signature of 64 hexadecimal digits");
    }
    List<String> headers = Arrays.asList(signedHeaders.split(";"));
    if (!headers.contains("host")) {
      throw malformed(errorCode, "the host header has to be signed");
    }
    try {
      Instant at = TIME.parse(time, Instant::from);
      if (!time.startsWith(parts[1])) {
        throw malformed(errorCode, "the credential's date is not that of the request");
      }
      List<String> scope = List.of(parts).subList(1, parts.length);
      return new SignedRequest(parts[0], scope, at, time, expires, headers, payload, signature);
    } catch (DateTimeException e) {
      throw malformed(errorCode, "want a date of the form YYYYMMDDTHHMMSSZ");
    }
  }

  private static S3Error malformed(String code, String message) {
    return new S3Error(400, code, "The authorization is malformed: " + message + ".");
  }
}
