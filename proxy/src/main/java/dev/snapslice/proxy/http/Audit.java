package dev.snapslice.proxy.http;

import dev.snapslice.core.uri.UriText;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who asked for what and what they got: a line in the log for every request, written when its
 * answer has been sent. Keys of objects stand in it only where that is configured. Used by one
 * thread at a time.
 */
public final class Audit {
  private static final Logger log = LoggerFactory.getLogger("audit");
  private static final String NONE = "-";

  private String credential = NONE;
  private String bucket = NONE;
  private String view = NONE;
  private String operation = NONE;
  private String key = NONE;
  private Duration upstream = Duration.ZERO;

  Audit() {}

  /** Whose credential it was, by its id. */
  public void by(String credentialId) {
    credential = credentialId;
  }

  /** What it was about; the view is the present if there is no spec. */
  public void of(String bucketName, Optional<String> spec, String objectKey) {
    bucket = shown(bucketName);
    view = spec.map(Audit::shown).orElse("now");
    key = shown(objectKey);
  }

  /** Several keys that it was about, with commas between. */
  public void keys(List<String> objectKeys) {
    key = objectKeys.stream().map(Audit::shown).collect(Collectors.joining(","));
  }

  /** Which operation of the protocol it was. */
  public void operation(String name) {
    operation = name;
  }

  /** How long S3 took to its first byte. */
  public void upstream(Duration time) {
    upstream = time;
  }

  /**
   * Writes the line.
   *
   * @param bytes of the body that were sent, -1 if it broke off
   * @param withKey whether the object's key may stand in it
   */
  public void write(int status, long bytes, Duration took, boolean withKey) {
    log.info(
        "by={} operation={} bucket={} view={} key={} status={} bytes={} upstream_ms={} ms={}",
        credential,
        operation,
        bucket,
        view,
        withKey ? key : NONE,
        status,
        bytes,
        upstream.toMillis(),
        took.toMillis());
  }

  /** What a client wrote must not look like a line of ours. */
  private static String shown(String text) {
    return text.isEmpty() ? NONE : UriText.encodePath(text);
  }
}
