package dev.snapslice.proxy.s3;

import dev.snapslice.core.version.Version;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Optional;

/**
 * The four conditional headers, judged by what the index knows of a version.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html">GetObject</a>,
 *     which says how they go together
 */
final class Conditions {
  /** What a read comes to. */
  enum Verdict {
    SEND,
    NOT_MODIFIED,
    FAILED
  }

  private Conditions() {}

  static Verdict judge(S3Request request, Version version) {
    Instant modified = version.created().truncatedTo(ChronoUnit.SECONDS);
    Optional<String> ifMatch = request.header("if-match");
    Optional<Instant> unmodifiedSince = time(request, "if-unmodified-since");
    boolean holds =
        ifMatch.isPresent()
            ? names(ifMatch.get(), version)
            : unmodifiedSince.map(since -> !modified.isAfter(since)).orElse(true);
    if (!holds) {
      return Verdict.FAILED;
    }
    Optional<String> ifNoneMatch = request.header("if-none-match");
    Optional<Instant> modifiedSince = time(request, "if-modified-since");
    boolean changed =
        ifNoneMatch.isPresent()
            ? !names(ifNoneMatch.get(), version)
            : modifiedSince.map(modified::isAfter).orElse(true);
    return changed ? Verdict.SEND : Verdict.NOT_MODIFIED;
  }

  private static boolean names(String etags, Version version) {
    return Arrays.stream(etags.split(",", -1))
        .map(etag -> etag.strip().replaceAll("^(W/)?\"|\"$", ""))
        .anyMatch(etag -> etag.equals("*") || etag.equals(version.etag()));
  }

  /** A date that cannot be read counts for nothing, as HTTP says. */
  private static Optional<Instant> time(S3Request request, String header) {
    return request
        .header(header)
        .flatMap(text -> {
          try {
            return Optional.of(
                DateTimeFormatter.RFC_1123_DATE_TIME.parse(text.strip(), Instant::from));
          } catch (DateTimeException e) {
            return Optional.empty();
          }
        });
  }
}
