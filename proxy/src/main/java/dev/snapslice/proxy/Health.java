package dev.snapslice.proxy;

import dev.snapslice.core.bucket.BucketCatalog;
import dev.snapslice.core.bucket.BucketClients;
import dev.snapslice.core.bucket.Location;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Whether this process reaches DynamoDB and S3. However often a load balancer asks, it looks every
 * ten seconds, and one look that fails says nothing yet. Thread-safe.
 */
final class Health {
  private static final Logger log = LoggerFactory.getLogger(Health.class);
  private static final Duration LOOK = Duration.ofSeconds(10);
  private static final int FAILURES = 3;

  private final BucketCatalog buckets;
  private final BucketClients clients;
  private final InstantSource clock;
  private Instant looked = Instant.EPOCH;
  private int failures;

  Health(BucketCatalog buckets, BucketClients clients, InstantSource clock) {
    this.buckets = buckets;
    this.clients = clients;
    this.clock = clock;
  }

  synchronized boolean good() {
    Instant now = clock.instant();
    if (now.isAfter(looked.plus(LOOK))) {
      looked = now;
      failures = reached() ? 0 : failures + 1;
    }
    return failures < FAILURES;
  }

  /**
   * The catalog, and one bucket that is listened to: what a store of somebody else does is not
   * ours.
   */
  private boolean reached() {
    try {
      buckets.list().stream()
          .filter(bucket -> bucket.location() instanceof Location.OwnAccount)
          .findFirst()
          .ifPresent(bucket -> clients.s3(bucket).headBucket(r -> r.bucket(bucket.name())));
      return true;
    } catch (S3Exception e) {
      // S3 answers, whatever became of that bucket.
      return e.statusCode() < 500;
    } catch (SdkServiceException e) {
      // DynamoDB throttles: another process in place of this one would be no better off.
      return e.isThrottlingException();
    } catch (SdkException e) {
      log.warn("DynamoDB or S3 is not reached", e);
      return false;
    }
  }
}
