package dev.snapslice.core.access;

import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Somebody who proved who they are, and what they may do. All of authorization is here: each check
 * returns, or says what is missing.
 *
 * @param principal a name, as it stands in labels and logs
 * @param token the id of the API token that they proved it with, if they did so with one
 */
public record Caller(String principal, Grant grant, Optional<String> token) {
  private static final Set<String> HARMLESS = Set.of("GET", "HEAD");

  /** Somebody who proved it otherwise than with an API token. */
  public Caller(String principal, Grant grant) {
    this(principal, grant, Optional.empty());
  }

  /**
   * Somebody whom a directory of people knows, with the highest role that a group is named after:
   * {@code snapslice-reader}, {@code snapslice-writer} or {@code snapslice-admin}.
   *
   * @throws ForbiddenException if they are in none of these
   */
  public static Caller signedIn(String principal, List<String> groups) {
    return Arrays.stream(Role.values())
        .filter(role -> groups.contains("snapslice-" + name(role)))
        .max(Comparator.naturalOrder())
        .map(role -> new Caller(principal, Grant.everywhere(role)))
        .orElseThrow(() ->
            new ForbiddenException(
                "you are in none of the groups snapslice-reader, snapslice-writer, snapslice-admin"));
  }

  /**
   * Somebody whose browser sends their session along, whichever site's page made it ask: what
   * changes something has to come from a page of ours.
   *
   * @param site what the browser tells of that page by the header {@code Sec-Fetch-Site}
   * @throws ForbiddenException if it does not, or does not tell
   * @see <a href="https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header">Fetch metadata</a>
   */
  public static Caller inBrowser(
      String principal, Grant grant, String method, Optional<String> site) {
    if (!HARMLESS.contains(method) && !site.equals(Optional.of("same-origin"))) {
      throw new ForbiddenException(
          "Permission denied: a browser's session changes something only from a page of this host");
    }
    return new Caller(principal, grant);
  }

  /**
   * May do something with a whole bucket, or see that it is there.
   *
   * @throws ForbiddenException if not
   */
  public void check(Role needed, String bucket) {
    if (!grant.role().includes(needed)) {
      throw new ForbiddenException("that takes the role " + name(needed));
    }
    if (!grant.coversBucket(bucket)) {
      throw new ForbiddenException("the bucket '" + bucket + "' is not yours to see");
    }
  }

  /**
   * May do something with the keys of a bucket that begin with {@code prefix}, or with one key.
   *
   * @throws ForbiddenException if not
   */
  public void check(Role needed, String bucket, String prefix) {
    check(needed, bucket);
    if (!grant.coversPrefix(prefix)) {
      throw new ForbiddenException(
          "you may see keys that begin with '" + grant.prefix() + "': ask for such a prefix");
    }
  }

  /**
   * May know of a moment.
   *
   * @throws ForbiddenException if not
   */
  public void check(Instant moment) {
    if (!grant.coversMoment(moment)) {
      throw new ForbiddenException(
          "you may see moments %s to %s"
              .formatted(shown(grant.from(), "from ever"), shown(grant.to(), "ever")));
    }
  }

  /**
   * May do something anywhere.
   *
   * @throws ForbiddenException if not
   */
  public void check(Role needed) {
    if (!grant.role().includes(needed)) {
      throw new ForbiddenException("that takes the role " + name(needed));
    }
  }

  /**
   * May do something in MLflow.
   *
   * @throws ForbiddenException if not
   */
  public void checkMlflow(Role needed) {
    if (!grant.role().includes(needed) || !grant.opensMlflow()) {
      throw new ForbiddenException(
          "Permission denied: that takes the role %s, for experiments or without limits"
              .formatted(name(needed)));
    }
  }

  private static String name(Role role) {
    return role.name().toLowerCase(java.util.Locale.ROOT);
  }

  private static String shown(Optional<Instant> moment, String otherwise) {
    return moment.map(Instant::toString).orElse(otherwise);
  }
}
