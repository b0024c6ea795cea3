package dev.snapslice.core.access;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What may be done, where, about which moments, and until when.
 *
 * @param role what
 * @param buckets only in these, which need not be registered yet; empty for all
 * @param prefix only with keys that begin so; empty for all
 * @param from no view of a moment before this
 * @param to no view of a moment after this
 * @param expires when the grant ends
 */
public record Grant(
    Role role,
    List<String> buckets,
    String prefix,
    Optional<Instant> from,
    Optional<Instant> to,
    Optional<Instant> expires) {

  public Grant {
    buckets = buckets.stream().distinct().sorted().toList();
    if (from.isPresent() && to.isPresent() && from.get().isAfter(to.get())) {
      throw new IllegalArgumentException("the time range ends before it begins");
    }
  }

  /** A role everywhere, for ever. */
  public static Grant everywhere(Role role) {
    return new Grant(role, List.of(), "", Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** Whether it is not limited to some buckets, keys or moments. */
  public boolean isEverywhere() {
    return buckets.isEmpty() && prefix.isEmpty() && from.isEmpty() && to.isEmpty();
  }

  public boolean coversBucket(String bucket) {
    return buckets.isEmpty() || buckets.contains(bucket);
  }

  /** Whether every key that begins with {@code prefix} is covered. */
  public boolean coversPrefix(String prefix) {
    return prefix.startsWith(this.prefix);
  }

  public boolean coversMoment(Instant moment) {
    return from.map(start -> !moment.isBefore(start)).orElse(true)
        && to.map(end -> !moment.isAfter(end)).orElse(true);
  }

  public boolean expired(Instant now) {
    return expires.map(end -> !now.isBefore(end)).orElse(false);
  }

  /** Whether {@code other} allows nothing that this does not. */
  public boolean covers(Grant other) {
    return role.includes(other.role)
        && (buckets.isEmpty() || (!other.buckets.isEmpty() && buckets.containsAll(other.buckets)))
        && coversPrefix(other.prefix)
        && from.map(start -> other.from.map(o -> !o.isBefore(start)).orElse(false)).orElse(true)
        && to.map(end -> other.to.map(o -> !o.isAfter(end)).orElse(false)).orElse(true)
        && expires.map(end -> other.expires.map(o -> !o.isAfter(end)).orElse(false)).orElse(true);
  }
}
