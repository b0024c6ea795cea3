package dev.snapslice.core.run;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The moment at which each run of MLflow sees all buckets: {@code run-<run id>} is a time spec.
 * Written once, with the run, and never changed, so whoever knows one may keep it for ever; a
 * deleted run still has its own. Reads are consistent. Thread-safe.
 */
public final class RunMoments {
  /** The item of a run that says most of it. */
  public static final String HEAD = "head";

  /** Of a run's head: epoch milliseconds. */
  public static final String MOMENT = "moment";

  private static final Pattern SPEC = Pattern.compile("run-([0-9a-f]{32})");

  private final DynamoDbClient dynamo;
  private final String table;

  /** In the tracking table, which MLflow keeps. */
  public RunMoments(DynamoDbClient dynamo, String table) {
    this.dynamo = dynamo;
    this.table = table;
  }

  /** The partition of a run's items. */
  public static String partition(String runId) {
    return "run#" + runId;
  }

  /** The id of the run whose moment a spec names; empty if it is no such spec. */
  public static Optional<String> runOf(String spec) {
    Matcher named = SPEC.matcher(spec);
    return named.matches() ? Optional.of(named.group(1)) : Optional.empty();
  }

  /** A run's moment; empty if there is no such run. */
  public Optional<Instant> get(String runId) {
    Map<String, AttributeValue> head =
        dynamo
            .getItem(r ->
                r.tableName(table)
                    .key(Map.of("pk", fromS(partition(runId)), "sk", fromS(HEAD)))
                    .projectionExpression(MOMENT)
                    .consistentRead(true))
            .item();
    return Optional.ofNullable(head.get(MOMENT))
        .map(value -> Instant.ofEpochMilli(Long.parseLong(value.n())));
  }
}
