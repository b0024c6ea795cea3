package dev.snapslice.core.run;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The experiment of each run, which it never leaves: whoever was told may believe it for ever.
 * Thread-safe.
 */
public final class RunExperiments {
  /** Of a run's head: the id of its experiment. */
  public static final String EXPERIMENT = "experiment";

  private static final int MOST = 20_000;

  private final DynamoDbClient dynamo;
  private final String table;
  private final Map<String, String> known = new ConcurrentHashMap<>();

  /** In the tracking table, which MLflow keeps. */
  public RunExperiments(DynamoDbClient dynamo, String table) {
    this.dynamo = dynamo;
    this.table = table;
  }

  /** The id of a run's experiment; empty if there is no such run. */
  public Optional<String> of(String runId) {
    return known(runId).or(() -> read(runId));
  }

  /** The same as far as it is known without reading. */
  public Optional<String> known(String runId) {
    return Optional.ofNullable(known.get(runId));
  }

  /** Remembers what somebody else read or made. */
  public void know(String runId, String experimentId) {
    if (known.size() >= MOST) {
      known.clear();
    }
    known.put(runId, experimentId);
  }

  private Optional<String> read(String runId) {
    Map<String, AttributeValue> head =
        dynamo
            .getItem(r ->
                r.tableName(table)
                    .key(
                        Map.of(
                            "pk", fromS(RunMoments.partition(runId)),
                            "sk", fromS(RunMoments.HEAD)))
                    .projectionExpression(EXPERIMENT)
                    .consistentRead(true))
            .item();
    Optional<String> experiment = Optional.ofNullable(head.get(EXPERIMENT)).map(AttributeValue::s);
    experiment.ifPresent(id -> know(runId, id));
    return experiment;
  }
}
