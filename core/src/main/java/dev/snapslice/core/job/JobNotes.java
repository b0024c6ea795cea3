package dev.snapslice.core.job;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.core.version.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Texts that a job keeps about single keys, one row each in the catalog table: written twice is
 * written once. Kept for {@link #KEPT} at most. Thread-safe.
 */
public final class JobNotes {
  /** How long a report can be read; longer than S3 lets anybody wait for an upload. */
  public static final Duration KEPT = Duration.ofDays(90);

  private final DynamoDbClient dynamo;
  private final String table;
  private final String partition;

  /** What is noted about a key. */
  public record Note(ObjectKey key, String text) {}

  /**
   * Of one job.
   *
   * @param about what kind of note, a word
   */
  public JobNotes(CatalogTable catalog, JobId job, String about) {
    this.dynamo = catalog.dynamo();
    this.table = catalog.name();
    this.partition = "jobs#" + job + "#" + about;
  }

  private Map<String, AttributeValue> id(ObjectKey key) {
    return Map.of("pk", fromS(partition), "sk", fromS(key.value()));
  }

  public void put(ObjectKey key, String text, Instant now) {
    dynamo.putItem(r ->
        r.tableName(table)
            .item(
                Map.of(
                    "pk", fromS(partition),
                    "sk", fromS(key.value()),
                    "note", fromS(text),
                    "expires", fromN(Long.toString(now.plus(KEPT).getEpochSecond())))));
  }

  public Optional<String> get(ObjectKey key) {
    var item = dynamo.getItem(r -> r.tableName(table).key(id(key)).consistentRead(true)).item();
    return Optional.ofNullable(item.get("note")).map(AttributeValue::s);
  }

  public void remove(ObjectKey key) {
    dynamo.deleteItem(r -> r.tableName(table).key(id(key)));
  }

  /** Notes in key order, after a key; {@code after} empty for the start. */
  public List<Note> list(String after, int limit) {
    String condition = after.isEmpty() ? "pk = :pk" : "pk = :pk AND sk > :after";
    Map<String, AttributeValue> values =
        after.isEmpty()
            ? Map.of(":pk", fromS(partition))
            : Map.of(":pk", fromS(partition), ":after", fromS(after));
    return dynamo
        .query(r ->
            r.tableName(table)
                .consistentRead(true)
                .limit(limit)
                .keyConditionExpression(condition)
                .expressionAttributeValues(values))
        .items()
        .stream()
        .map(item -> new Note(new ObjectKey(item.get("sk").s()), item.get("note").s()))
        .toList();
  }
}
