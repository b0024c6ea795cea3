package dev.snapslice.core.access;

import java.time.Instant;
import java.util.Optional;

/**
 * Somebody who proved who they are, and what they may do. All of authorization is here: each check
 * returns, or says what is missing.
 *
 * @param principal a name, as it stands in labels and logs
 */
public record Caller(String principal, Grant grant) {

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

  private static String name(Role role) {
    return role.name().toLowerCase(java.util.Locale.ROOT);
  }

  private static String shown(Optional<Instant> moment, String otherwise) {
    return moment.map(Instant::toString).orElse(otherwise);
  }
}
