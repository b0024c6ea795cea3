package dev.snapslice.local.http;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Verifies Signature Version 4 in the {@code Authorization} header, for one access key. See <a
 * href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html">how
 * a request is signed</a>.
 */
final class Signature {
  private static final Pattern HEADER =
      Pattern.compile(
          "AWS4-HMAC-SHA256 Credential=([^/]+)/(\\d{8}/[^/]+/execute-api/aws4_request), *"
              + "SignedHeaders=([^,]+), *Signature=([0-9a-f]{64})");
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssX").withZone(ZoneOffset.UTC);
  private static final Duration SKEW = Duration.ofMinutes(5);

  private final String accessKey;
  private final String secretKey;

  Signature(String accessKey, String secretKey) {
    this.accessKey = accessKey;
    this.secretKey = secretKey;
  }

  /**
   * Whether the request was signed with our key, within five minutes of now.
   *
   * @param rawPath the path as it was sent
   * @param rawQuery the query as it was sent, empty for none
   * @param headers by lower-case name
   */
  boolean verifies(
      String method,
      String rawPath,
      String rawQuery,
      Map<String, String> headers,
      byte[] body,
      Instant now) {
    Matcher header = HEADER.matcher(headers.getOrDefault("authorization", ""));
    String stamp = headers.getOrDefault("x-amz-date", "");
    if (!header.matches()
        || !header.group(1).equals(accessKey)
        || !header.group(2).startsWith(stamp.split("T", -1)[0])
        || moment(stamp)
            .filter(at -> Duration.between(at, now).abs().compareTo(SKEW) < 0)
            .isEmpty()) {
      return false;
    }
    String signed = header.group(3);
    String canonicalHeaders =
        Arrays.stream(signed.split(";", -1))
            .map(name -> name + ":" + headers.getOrDefault(name, "").strip() + "\n")
            .collect(Collectors.joining());
    String request =
        String.join(
            "\n",
            method,
            encodeAgain(rawPath),
            canonicalQuery(rawQuery),
            canonicalHeaders,
            signed,
            hex(sha256(body)));
    String scope = header.group(2);
    String toSign =
        String.join("\n", "AWS4-HMAC-SHA256", stamp, scope, hex(sha256(bytes(request))));
    byte[] key = bytes("AWS4" + secretKey);
    for (String part : scope.split("/", -1)) {
      key = hmac(key, part);
    }
    return MessageDigest.isEqual(bytes(hex(hmac(key, toSign))), bytes(header.group(4)));
  }

  /** All services but S3 sign the path encoded once more than it is sent. */
  private static String encodeAgain(String rawPath) {
    return rawPath.replace("%", "%25");
  }

  private static String canonicalQuery(String rawQuery) {
    if (rawQuery.isEmpty()) {
      return "";
    }
    return Arrays.stream(rawQuery.split("&", -1))
        .map(pair -> pair.contains("=") ? pair : pair + "=")
        .sorted()
        .collect(Collectors.joining("&"));
  }

  private static Optional<Instant> moment(String stamp) {
    try {
      return Optional.of(STAMP.parse(stamp, Instant::from));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(bytes(text));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
