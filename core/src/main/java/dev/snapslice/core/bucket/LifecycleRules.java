package dev.snapslice.core.bucket;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import software.amazon.awssdk.services.s3.model.ExpirationStatus;
import software.amazon.awssdk.services.s3.model.LifecycleRule;

/**
 * What a bucket's lifecycle rules leave of its history: those that remove noncurrent versions take
 * the bytes of past snapshots.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html#intro-lifecycle-rules-actions">Lifecycle
 *     actions</a>
 */
record LifecycleRules(List<LifecycleRule> rules) {
  LifecycleRules {
    rules =
        rules.stream()
            .filter(rule -> rule.status() == ExpirationStatus.ENABLED)
            .filter(rule -> days(rule).isPresent())
            .toList();
  }

  private static OptionalInt days(LifecycleRule rule) {
    return Optional.ofNullable(rule.noncurrentVersionExpiration())
        .map(expiration -> expiration.noncurrentDays())
        .map(OptionalInt::of)
        .orElse(OptionalInt.empty());
  }

  /** With a warning for each of them, and up to when every snapshot can be read. */
  Setup noteIn(Setup setup) {
    Setup noted = setup;
    for (LifecycleRule rule : rules) {
      noted = noted.warned(warning(rule));
    }
    OptionalInt least = rules.stream().mapToInt(rule -> days(rule).getAsInt()).min();
    return least.isPresent() ? noted.historyNote(note(least.getAsInt())) : noted;
  }

  private static String warning(LifecycleRule rule) {
    Integer kept = rule.noncurrentVersionExpiration().newerNoncurrentVersions();
    return ("The lifecycle rule '%s' removes versions %d days after they stop being current%s: past"
            + " snapshots still list their objects then, but cannot read them.")
        .formatted(
            rule.id(),
            days(rule).getAsInt(),
            kept == null ? "" : ", but for the %d newest of a key".formatted(kept));
  }

  private static String note(int days) {
    return ("Every object of a snapshot can be read for %d days after the snapshot's moment; after"
            + " that, lifecycle rules may have removed its version.")
        .formatted(days);
  }
}
