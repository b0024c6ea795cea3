package dev.snapslice.core.run;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.core.json.Json;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The datasets that runs have read through views, and the runs that made versions of models: items
 * of the tracking table, which MLflow's function writes. Reads are consistent. Thread-safe.
 */
public final class RunInputs {
  /** Begins the sort keys of a run's datasets. */
  public static final String DATASET = "dataset#";

  /** Of a dataset: the {@code DatasetInput} message. */
  public static final String JSON = "json";

  /** Of a dataset: epoch milliseconds. */
  public static final String LOGGED = "logged";

  /** The partition of registered models, by name. */
  public static final String MODELS = "registered-models";

  /** The partition of their versions. */
  public static final String VERSIONS = "model-versions";

  /** Of a model: what its versions' sort keys begin with. */
  public static final String GENERATION = "generation";

  /** Of a version: the id of the run that made it. */
  public static final String RUN = "run";

  /** Of a version. */
  public static final String STAGE = "stage";

  /** The stage of what is deleted. */
  public static final String DELETED = "Deleted_Internal";

  private final DynamoDbClient dynamo;
  private final String table;

  /**
   * A dataset that a run has read through a view.
   *
   * @param id among the run's
   * @param context what it was read for
   * @param logged when that was noted
   */
  public record Input(
      String id,
      String dataset,
      String digest,
      Optional<String> context,
      SeenView view,
      Instant logged) {}

  /** In the tracking table. */
  public RunInputs(DynamoDbClient dynamo, String table) {
    this.dynamo = dynamo;
    this.table = table;
  }

  /** Those of a run, by their ids; none if there is no such run. */
  public List<Input> of(String runId) {
    return dynamo
        .queryPaginator(r ->
            r.tableName(table)
                .consistentRead(true)
                .keyConditionExpression("pk = :pk AND begins_with(sk, :dataset)")
                .expressionAttributeValues(
                    Map.of(":pk", fromS(RunMoments.partition(runId)), ":dataset", fromS(DATASET))))
        .items()
        .stream()
        .flatMap(RunInputs::read)
        .toList();
  }

  private static Stream<Input> read(Map<String, AttributeValue> item) {
    JsonNode input = Json.read(item.get(JSON).s(), JsonNode.class);
    return SeenView.TAGS.stream()
        .flatMap(tag -> tag(input, tag).stream())
        .map(view ->
            new Input(
                item.get("sk").s().substring(DATASET.length()),
                input.path("dataset").path("name").asText(),
                input.path("dataset").path("digest").asText(),
                tag(input, "mlflow.data.context"),
                SeenView.parse(view),
                Instant.ofEpochMilli(Long.parseLong(item.get(LOGGED).n()))));
  }

  private static Optional<String> tag(JsonNode input, String key) {
    return StreamSupport.stream(input.path("tags").spliterator(), false)
        .filter(tag -> tag.path("key").asText().equals(key))
        .map(tag -> tag.path("value").asText())
        .findFirst();
  }

  /** The sort key of a version. */
  public static String sortOf(String generation, long version) {
    return generation + "#%010d".formatted(version);
  }

  /** The run that made a version of a model; empty if there is no such version, or no run. */
  public Optional<String> trainedBy(String model, long version) {
    return get(MODELS, model)
        .map(item -> item.get(GENERATION).s())
        .flatMap(generation -> get(VERSIONS, sortOf(generation, version)))
        .filter(item -> !item.get(STAGE).s().equals(DELETED))
        .flatMap(item -> Optional.ofNullable(item.get(RUN)))
        .map(AttributeValue::s);
  }

  private Optional<Map<String, AttributeValue>> get(String partition, String sort) {
    return Optional.of(
            dynamo
                .getItem(r ->
                    r.tableName(table)
                        .key(Map.of("pk", fromS(partition), "sk", fromS(sort)))
                        .consistentRead(true))
                .item())
        .filter(item -> !item.isEmpty());
  }
}
