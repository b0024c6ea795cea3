package dev.snapslice.core.job;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromBool;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.core.json.Json;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;

/**
 * The jobs of one kind, in the catalog table: a row each, under a partition of the kind and the
 * bucket, sorted by when they were made. One run at a time holds a job's lease; only it writes.
 * Thread-safe.
 */
public final class JobTable<J extends Job<J>> {
  /** Comes after every number of a job. */
  private static final String AFTER_ALL = "~";

  private final DynamoDbClient dynamo;
  private final String table;
  private final String partition;
  private final Class<J> type;

  /**
   * The right to work on a job until a moment.
   *
   * @param token proves it
   */
  public record Lease<J>(J job, String token) {}

  /** A job as others see it, and until when somebody works on it. */
  public record Stored<J>(J job, Instant leased) {}

  public JobTable(CatalogTable catalog, String kind, Class<J> type) {
    this.dynamo = catalog.dynamo();
    this.table = catalog.name();
    this.partition = "jobs#" + kind + "#";
    this.type = type;
  }

  private Map<String, AttributeValue> key(JobId id) {
    return Map.of("pk", fromS(partition + id.bucket()), "sk", fromS(id.number()));
  }

  /** Makes a job durable. */
  public void create(JobId id, J job) {
    Map<String, AttributeValue> item = new HashMap<>(key(id));
    item.put("doc", fromS(Json.write(job)));
    dynamo.putItem(
        r -> r.tableName(table).item(item).conditionExpression("attribute_not_exists(pk)"));
  }

  public Optional<Stored<J>> get(JobId id) {
    var item = dynamo.getItem(r -> r.tableName(table).key(key(id)).consistentRead(true)).item();
    return item.isEmpty() ? Optional.empty() : Optional.of(read(item));
  }

  /**
   * Jobs of a bucket, newest first.
   *
   * @param before the number of the job that the page before ended with; empty for the first page
   */
  public List<J> newest(String bucket, String before, int limit) {
    AttributeValue end = fromS(before.isEmpty() ? AFTER_ALL : before);
    return dynamo
        .query(r ->
            r.tableName(table)
                .consistentRead(true)
                .scanIndexForward(false)
                .limit(limit)
                .keyConditionExpression("pk = :pk AND sk < :end")
                .expressionAttributeValues(Map.of(":pk", fromS(partition + bucket), ":end", end)))
        .items()
        .stream()
        .map(item -> read(item).job())
        .toList();
  }

  private Stored<J> read(Map<String, AttributeValue> item) {
    J job = Json.read(item.get("doc").s(), type);
    Instant leased =
        item.containsKey("leased")
            ? Instant.ofEpochMilli(Long.parseLong(item.get("leased").n()))
            : Instant.EPOCH;
    return new Stored<>(item.containsKey("cancelled") ? job.cancelled() : job, leased);
  }

  /** Takes the lease, if there is something to do and nobody else is at it. */
  public Optional<Lease<J>> lease(JobId id, Instant now, Instant until) {
    String token = UUID.randomUUID().toString();
    try {
      var item =
          dynamo
              .updateItem(r ->
                  r.tableName(table)
                      .key(key(id))
                      .returnValues(ReturnValue.ALL_NEW)
                      .updateExpression("SET leased = :until, holder = :token")
                      .conditionExpression(
                          "attribute_exists(pk) AND attribute_not_exists(finished)"
                              + " AND attribute_not_exists(cancelled)"
                              + " AND (attribute_not_exists(leased) OR leased <= :now)")
                      .expressionAttributeValues(
                          Map.of(
                              ":until",
                              millis(until),
                              ":now",
                              millis(now),
                              ":token",
                              fromS(token))))
              .attributes();
      return Optional.of(new Lease<>(read(item).job(), token));
    } catch (ConditionalCheckFailedException e) {
      return Optional.empty();
    }
  }

  /**
   * Writes where a job stands.
   *
   * @throws LostLeaseException if the job was cancelled, or another run took it over
   */
  public Lease<J> save(JobId id, Lease<J> lease, J job) {
    write(id, lease, job, job.finished() ? "SET doc = :doc, finished = :true" : "SET doc = :doc");
    return new Lease<>(job, lease.token());
  }

  /** Lets another run go on at once. */
  public void release(JobId id, Lease<J> lease) {
    write(id, lease, lease.job(), "SET doc = :doc REMOVE leased, holder");
  }

  private void write(JobId id, Lease<J> lease, J job, String update) {
    AttributeValue doc = fromS(Json.write(job));
    AttributeValue token = fromS(lease.token());
    try {
      dynamo.updateItem(r ->
          r.tableName(table)
              .key(key(id))
              .updateExpression(update)
              .conditionExpression("holder = :token AND attribute_not_exists(cancelled)")
              .expressionAttributeValues(
                  update.contains(":true")
                      ? Map.of(":doc", doc, ":token", token, ":true", fromBool(true))
                      : Map.of(":doc", doc, ":token", token)));
    } catch (ConditionalCheckFailedException e) {
      throw new LostLeaseException(id, e);
    }
  }

  /** Gives a job up, if it is not finished: what it has done stays. Whoever works on it stops. */
  public boolean cancel(JobId id) {
    try {
      dynamo.updateItem(r ->
          r.tableName(table)
              .key(key(id))
              .updateExpression("SET cancelled = :true")
              .conditionExpression("attribute_exists(pk) AND attribute_not_exists(finished)")
              .expressionAttributeValues(Map.of(":true", fromBool(true))));
      return true;
    } catch (ConditionalCheckFailedException e) {
      return false;
    }
  }

  private static AttributeValue millis(Instant moment) {
    return fromN(Long.toString(moment.toEpochMilli()));
  }

  /** The job was cancelled, or is another run's now: stop. */
  public static final class LostLeaseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LostLeaseException(JobId id, Throwable cause) {
      super("job " + id + " was cancelled or taken over", cause);
    }
  }
}
