package dev.snapslice.core.bucket;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.core.bucket.Bucket.Amended;
import dev.snapslice.core.bucket.Bucket.Status;
import dev.snapslice.core.json.Json;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;

/**
 * All registered buckets, in the catalog table: one row each, its JSON in one attribute and what is
 * counted beside it. Reads are consistent. Thread-safe.
 */
public final class BucketCatalog {
  private static final String PARTITION = "buckets";
  private static final int TRIES = 20;

  private final DynamoDbClient dynamo;
  private final String table;
  private final InstantSource clock;

  public BucketCatalog(DynamoDbClient dynamo, String table, InstantSource clock) {
    this.dynamo = dynamo;
    this.table = table;
    this.clock = clock;
  }

  static Map<String, AttributeValue> key(String bucket) {
    return Map.of("pk", fromS(PARTITION), "sk", fromS(bucket));
  }

  public Optional<Bucket> get(String name) {
    if (!Bucket.isName(name)) {
      return Optional.empty();
    }
    var item = dynamo.getItem(r -> r.tableName(table).key(key(name)).consistentRead(true)).item();
    return item.isEmpty()
        ? Optional.empty()
        : Optional.of(read(item, IndexHealth.shown(dynamo, table)));
  }

  /** Whether there is a bucket of that name: less to read than what it is. */
  public boolean has(String name) {
    return !dynamo
        .getItem(r -> r.tableName(table).key(key(name)).projectionExpression("pk"))
        .item()
        .isEmpty();
  }

  /** Every bucket, by name. */
  public List<Bucket> list() {
    Optional<Instant> through = IndexHealth.shown(dynamo, table);
    return dynamo
        .queryPaginator(r ->
            r.tableName(table)
                .consistentRead(true)
                .keyConditionExpression("pk = :pk")
                .expressionAttributeValues(Map.of(":pk", fromS(PARTITION))))
        .items()
        .stream()
        .map(item -> read(item, through))
        .toList();
  }

  /** An active bucket is indexed through as far as the queue is; another as far as it says. */
  private static Bucket read(Map<String, AttributeValue> item, Optional<Instant> through) {
    Bucket bucket = Json.read(item.get("doc").s(), Bucket.class);
    long count = item.containsKey("amendments") ? Long.parseLong(item.get("amendments").n()) : 0;
    Optional<Instant> last =
        Optional.ofNullable(item.get("amended")).map(value -> Instant.parse(value.s()));
    Bucket stored =
        bucket.stored(
            new Amended(count, last), bucket.updated(), Long.parseLong(item.get("version").n()));
    return stored.status() == Status.ACTIVE && stored.history().complete()
        ? stored.with(stored.history().indexedThrough(through))
        : stored;
  }

  /**
   * Writes a bucket if nobody has written it since it was read (or made it, if it is new). What it
   * says of amendments is not written: {@link Amendments} counts them.
   *
   * @return the bucket as it is now stored
   * @throws StaleBucketException if somebody has
   */
  public Bucket put(Bucket bucket) {
    Bucket next = bucket.stored(bucket.amended(), clock.instant(), bucket.version() + 1);
    try {
      dynamo.updateItem(r ->
          r.tableName(table)
              .key(key(bucket.name()))
              .updateExpression("SET doc = :doc, version = :next")
              .conditionExpression(
                  bucket.version() == 0 ? "attribute_not_exists(version)" : "version = :seen")
              .expressionAttributeValues(values(bucket, next)));
    } catch (ConditionalCheckFailedException e) {
      throw new StaleBucketException(bucket.name(), e);
    }
    return next;
  }

  private static Map<String, AttributeValue> values(Bucket seen, Bucket next) {
    AttributeValue doc = fromS(Json.write(next));
    AttributeValue version = fromN(Long.toString(next.version()));
    return seen.version() == 0
        ? Map.of(":doc", doc, ":next", version)
        : Map.of(":doc", doc, ":next", version, ":seen", fromN(Long.toString(seen.version())));
  }

  /**
   * Reads, changes and writes a bucket, again when somebody else wrote in between.
   *
   * @throws UnknownBucketException if it is not registered
   */
  public Bucket update(String name, UnaryOperator<Bucket> change) {
    for (int i = 1; ; i++) {
      try {
        return put(change.apply(require(name)));
      } catch (StaleBucketException e) {
        if (i == TRIES) {
          throw e;
        }
      }
    }
  }

  /**
   * A bucket that has to be there.
   *
   * @throws UnknownBucketException if it is not
   */
  public Bucket require(String name) {
    return get(name).orElseThrow(() -> new UnknownBucketException(name));
  }

  /** Forgets a bucket. Its history stays in the index. */
  public void remove(String name) {
    dynamo.deleteItem(r -> r.tableName(table).key(key(name)));
  }

  /** Somebody else wrote the bucket's row meanwhile: read it again. */
  public static final class StaleBucketException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StaleBucketException(String bucket, Throwable cause) {
      super("the bucket '" + bucket + "' was changed by somebody else meanwhile", cause);
    }
  }

  /** Nobody registered the bucket. */
  public static final class UnknownBucketException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnknownBucketException(String bucket) {
      super("the bucket '" + bucket + "' is not registered");
    }
  }
}
