package dev.snapslice.core.access;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What may be done, where, about which moments, and until when. MLflow knows no buckets, keys or
 * moments: who is limited to some may do there only what is said of experiments.
 *
 * @param role what
 * @param buckets only in these, which need not be registered yet; empty for all
 * @param prefix only with keys that begin so; empty for all
 * @param from no view of a moment before this
 * @param to no view of a moment after this
 * @param expires when the grant ends
 * @param experiments in MLflow only what is in these, by id, which it may change and not give away;
 *     empty for all
 */
public record Grant(
    Role role,
    List<String> buckets,
    String prefix,
    Optional<Instant> from,
    Optional<Instant> to,
    Optional<Instant> expires,
    List<String> experiments) {

  public Grant {
    // Absent in what was issued before there were such limits.
    experiments = experiments == null ? List.of() : List.copyOf(experiments);
    buckets = buckets.stream().distinct().sorted().toList();
    if (from.isPresent() && to.isPresent() && from.get().isAfter(to.get())) {
      throw new IllegalArgumentException("the time range ends before it begins");
    }
  }

  /** With all experiments, if it is everywhere. */
  public Grant(
      Role role,
      List<String> buckets,
      String prefix,
      Optional<Instant> from,
      Optional<Instant> to,
      Optional<Instant> expires) {
    this(role, buckets, prefix, from, to, expires, List.of());
  }

  /** A role everywhere, for ever. */
  public static Grant everywhere(Role role) {
    return new Grant(role, List.of(), "", Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** Whether anything may be done in MLflow. */
  public boolean opensMlflow() {
    return !experiments.isEmpty()
        || (buckets.isEmpty() && prefix.isEmpty() && from.isEmpty() && to.isEmpty());
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

  private boolean coversExperiments(Grant other) {
    return !other.opensMlflow()
        || (opensMlflow()
            && (experiments.isEmpty()
                || (!other.experiments.isEmpty() && experiments.containsAll(other.experiments))));
  }

  /** Whether {@code other} allows nothing that this does not. */
  public boolean covers(Grant other) {
    return role.includes(other.role)
        && (buckets.isEmpty() || (!other.buckets.isEmpty() && buckets.containsAll(other.buckets)))
        && coversPrefix(other.prefix)
        && coversExperiments(other)
        && from.map(start -> other.from.map(o -> !o.isBefore(start)).orElse(false)).orElse(true)
        && to.map(end -> other.to.map(o -> !o.isAfter(end)).orElse(false)).orElse(true)
        && expires.map(end -> other.expires.map(o -> !o.isAfter(end)).orElse(false)).orElse(true);
  }
}
