package dev.snapslice.proxy.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.snapslice.core.access.Caller;
import dev.snapslice.core.access.Credentials.Issued;
import dev.snapslice.core.uri.UriText;
import dev.snapslice.proxy.http.RawRequest;
import dev.snapslice.proxy.http.RawRequest.Parameter;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tells who signed a request: AWS Signature Version 4 with one of our access keys, in a header or
 * presigned. Thread-safe.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html">
 *     Signature calculations</a>
 */
final class Signatures {
  /** S3's own. */
  private static final Duration SKEW = Duration.ofMinutes(15);

  private static final int MOST_KEYS = 10_000;
  private static final Pattern SPACES = Pattern.compile(" +");
  private static final String EMPTY =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  private final Function<String, Optional<Issued>> accessKeys;
  private final Cache<Scope, byte[]> signingKeys =
      Caffeine.newBuilder().maximumSize(MOST_KEYS).expireAfterWrite(Duration.ofDays(1)).build();
  private final InstantSource clock;

  /** What a signing key is made from; a secret belongs to its id for ever. */
  private record Scope(String accessKeyId, List<String> scope) {}

  /**
   * Knows keys.
   *
   * @param accessKeys the valid key of an id, with its secret
   */
  Signatures(Function<String, Optional<Issued>> accessKeys, InstantSource clock) {
    this.accessKeys = accessKeys;
    this.clock = clock;
  }

  /**
   * Who sent it.
   *
   * @throws S3Error if nobody we know did
   */
  Caller verify(RawRequest request) {
    SignedRequest signed = SignedRequest.of(request);
    checkTime(signed);
    checkSigned(request, signed);
    Issued key =
        accessKeys
            .apply(signed.accessKeyId())
            .orElseThrow(() ->
                new S3Error(
                    403,
                    "InvalidAccessKeyId",
                    "The AWS Access Key Id you provided does not exist in our records."));
    byte[] signingKey =
        signingKeys.get(
            new Scope(signed.accessKeyId(), signed.scope()),
            asked -> signingKey(key.secret(), asked.scope()));
    if (!matches(request, signed, signingKey, request.path())
        && !matches(request, signed, signingKey, encodedAgain(request.path()))) {
      throw new S3Error(
          403,
          "SignatureDoesNotMatch",
          "The request signature we calculated does not match the signature you provided.");
    }
    request.audit().by(key.credential().id());
    return key.credential().caller();
  }

  private void checkTime(SignedRequest signed) {
    Instant now = clock.instant();
    boolean early = signed.time().isAfter(now.plus(SKEW));
    if (early || (signed.expires().isEmpty() && signed.time().isBefore(now.minus(SKEW)))) {
      throw new S3Error(
          403,
          "RequestTimeTooSkewed",
          "The difference between the request time and the current time is too large.");
    }
    if (signed.expires().filter(valid -> now.isAfter(signed.time().plus(valid))).isPresent()) {
      throw S3Error.denied("Request has expired");
    }
  }

  /** What could change the answer must be signed, and a read has no body. */
  private static void checkSigned(RawRequest request, SignedRequest signed) {
    boolean loose =
        request.headers().keySet().stream()
            .anyMatch(name -> name.startsWith("x-amz-") && !signed.signedHeaders().contains(name));
    if (loose) {
      throw S3Error.denied("There were headers present in the request which were not signed");
    }
    if (request.header("x-amz-security-token").isPresent()
        || request.parameter("X-Amz-Security-Token").isPresent()) {
      throw new S3Error(400, "InvalidToken", "Access keys of Snapslice have no session tokens.");
    }
    boolean read = request.method().equals("GET") || request.method().equals("HEAD");
    boolean hash = SignedRequest.HEX_SHA256.matcher(signed.payload()).matches();
    if (read && hash && !signed.payload().equals(EMPTY)) {
      throw new S3Error(
          400,
          "XAmzContentSHA256Mismatch",
          "The provided 'x-amz-content-sha256' header does not match what was computed.");
    }
  }

  /** Some clients sign the path that S3 would have encoded and send it as they like. */
  private static String encodedAgain(String path) {
    return UriText.encodePath(UriText.decode(path));
  }

  private static boolean matches(
      RawRequest request, SignedRequest signed, byte[] signingKey, String path) {
    String toSign =
        SignedRequest.ALGORITHM
            + "\n"
            + signed.writtenTime()
            + "\n"
            + String.join("/", signed.scope())
            + "\n"
            + hex(sha256(canonical(request, signed, path)));
    byte[] expected = hex(hmac(signingKey, toSign)).getBytes(UTF_8);
    return MessageDigest.isEqual(expected, signed.signature().getBytes(UTF_8));
  }

  private static String canonical(RawRequest request, SignedRequest signed, String path) {
    String query =
        request.parameters().stream()
            .filter(p -> signed.expires().isEmpty() || !p.name().equals(SignedRequest.SIGNATURE))
            .map(p -> new Parameter(UriText.encode(p.name()), UriText.encode(p.value())))
            .sorted(Comparator.comparing(Parameter::name).thenComparing(Parameter::value))
            .map(p -> p.name() + "=" + p.value())
            .collect(Collectors.joining("&"));
    StringBuilder text = new StringBuilder();
    text.append(request.method()).append('\n').append(path).append('\n').append(query).append('\n');
    for (String name : signed.signedHeaders()) {
      List<String> values = request.headers().getOrDefault(name, List.of());
      String value =
          values.stream()
              .map(v -> SPACES.matcher(v.strip()).replaceAll(" "))
              .collect(Collectors.joining(","));
      text.append(name).append(':').append(value).append('\n');
    }
    text.append('\n').append(String.join(";", signed.signedHeaders()));
    return text.append('\n').append(signed.payload()).toString();
  }

  private static byte[] signingKey(String secret, List<String> scope) {
    byte[] key = ("AWS4" + secret).getBytes(UTF_8);
    for (String part : scope) {
      key = hmac(key, part);
    }
    return key;
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
