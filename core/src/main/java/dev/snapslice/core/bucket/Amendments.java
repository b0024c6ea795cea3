package dev.snapslice.core.bucket;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.core.json.Json;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The record of late facts: which came after indexed-through had passed their time, or were found
 * by a reconcile. In the catalog table by arrival, many to a row; counted on the bucket's own row,
 * from which the ETags of its views are made. Thread-safe.
 *
 * <p>A fact that is delivered twice and late is recorded twice: whether it was known is seen only
 * when the index is folded.
 */
public final class Amendments {
  /** Keys have 1 KB at most and a row 400 KB. */
  private static final int PER_ROW = 200;

  private final DynamoDbClient dynamo;
  private final String table;

  public Amendments(DynamoDbClient dynamo, String table) {
    this.dynamo = dynamo;
    this.table = table;
  }

  /**
   * Records and counts amendments of a bucket. Call it after the facts are in the index: what a
   * reader keeps under the new ETag is then the amended view.
   */
  public void record(String bucket, List<Amendment> amendments) {
    for (int i = 0; i < amendments.size(); i += PER_ROW) {
      write(bucket, amendments.subList(i, Math.min(i + PER_ROW, amendments.size())));
    }
  }

  private void write(String bucket, List<Amendment> amendments) {
    Instant arrival = amendments.stream().map(Amendment::arrival).max(Instant::compareTo).get();
    Instant earliest = amendments.stream().map(Amendment::time).min(Instant::compareTo).get();
    dynamo.putItem(r ->
        r.tableName(table)
            .item(
                Map.of(
                    "pk", partition(bucket),
                    "sk", fromS(millis(arrival) + "#" + UUID.randomUUID()),
                    "earliest", fromN(Long.toString(earliest.toEpochMilli())),
                    "doc", fromS(Json.write(amendments.toArray())))));
    dynamo.updateItem(r ->
        r.tableName(table)
            .key(BucketCatalog.key(bucket))
            .updateExpression("SET amended = :at ADD amendments :n")
            .expressionAttributeValues(
                Map.of(
                    ":at", fromS(arrival.toString()),
                    ":n", fromN(Integer.toString(amendments.size())))));
  }

  /** The amendments that arrived after a moment, by arrival; read lazily. */
  public Stream<Amendment> since(String bucket, Instant arrival) {
    return rows(bucket, arrival, Instant.ofEpochMilli(Long.MAX_VALUE));
  }

  /**
   * Whether amendments that arrived after {@code since} may have changed a view below a prefix: a
   * snapshot at {@code viewTo}, or a slice or diff that ends there. What is older than a slice's
   * beginning counts, too: it may change what a reader of the beginning knew.
   */
  public boolean touches(String bucket, Instant viewTo, String prefix, Instant since) {
    return rows(bucket, since, viewTo)
        .anyMatch(a -> !a.time().isAfter(viewTo) && a.key().startsWith(prefix));
  }

  private Stream<Amendment> rows(String bucket, Instant since, Instant upTo) {
    return dynamo
        .queryPaginator(r ->
            r.tableName(table)
                .keyConditionExpression("pk = :pk AND sk > :since")
                .filterExpression("earliest <= :to")
                .expressionAttributeValues(
                    Map.of(
                        ":pk", partition(bucket),
                        ":since", fromS(millis(since.plusMillis(1))),
                        ":to", fromN(Long.toString(upTo.toEpochMilli())))))
        .items()
        .stream()
        .flatMap(item -> Stream.of(Json.read(item.get("doc").s(), Amendment[].class)))
        .filter(amendment -> amendment.arrival().isAfter(since));
  }

  private static AttributeValue partition(String bucket) {
    return fromS("amendments#" + bucket);
  }

  private static String millis(Instant moment) {
    return "%015d".formatted(moment.toEpochMilli());
  }
}
