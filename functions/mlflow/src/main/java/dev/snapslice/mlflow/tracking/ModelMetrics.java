package dev.snapslice.mlflow.tracking;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromB;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.table.ContentHash;
import dev.snapslice.mlflow.table.TrackingTable;
import dev.snapslice.mlflow.tracking.ModelMetric.DatasetName;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The metrics of logged models, beside the models' own items: one item for each model, run and
 * dataset of a batch, named by its content, so that a batch that comes twice adds nothing.
 * Thread-safe.
 */
public final class ModelMetrics {
  private final TrackingTable table;

  public ModelMetrics(TrackingTable table) {
    this.table = table;
  }

  /** What the metrics of one item have in common. */
  private record Group(String modelId, String runId, Optional<DatasetName> dataset) {}

  /**
   * The items that add metrics to their models, deleted or not.
   *
   * @throws MlflowException if there is no such model
   */
  List<Map<String, AttributeValue>> items(List<ModelMetric> logged) {
    Map<String, ModelId> ids = new HashMap<>();
    for (ModelMetric each : logged) {
      ids.computeIfAbsent(each.modelId(), this::existing);
    }
    return logged.stream()
        .collect(
            groupingBy(
                each -> new Group(each.modelId(), each.runId(), each.dataset()),
                LinkedHashMap::new,
                mapping(ModelMetric::metric, toList())))
        .entrySet()
        .stream()
        .map(group -> item(ids.get(group.getKey().modelId()), group.getKey(), group.getValue()))
        .toList();
  }

  private ModelId existing(String id) {
    return ModelId.parse(id)
        .filter(parsed -> !table.get(parsed.head()).isEmpty())
        .orElseThrow(() ->
            new MlflowException(Code.BAD_REQUEST, "there is no logged model '%s'".formatted(id)));
  }

  private static Map<String, AttributeValue> item(ModelId id, Group group, List<Metric> metrics) {
    byte[] pack = MetricPack.pack(metrics);
    String hash = ContentHash.of((group + ContentHash.of(pack)).getBytes(UTF_8));
    Map<String, AttributeValue> item = new HashMap<>(id.metrics(hash));
    item.put("run", fromS(group.runId()));
    item.put("pack", fromB(SdkBytes.fromByteArrayUnsafe(pack)));
    for (DatasetName dataset : group.dataset().stream().toList()) {
      item.put("dataset", fromS(dataset.name()));
      item.put("digest", fromS(dataset.digest()));
    }
    return item;
  }

  /** The metrics of a model, each once, by name. */
  public static List<ModelMetric> of(List<Map<String, AttributeValue>> items) {
    return items.stream().flatMap(ModelMetrics::read).distinct().sorted(ModelMetric.ORDER).toList();
  }

  private static Stream<ModelMetric> read(Map<String, AttributeValue> item) {
    Optional<DatasetName> dataset =
        item.containsKey("dataset")
            ? Optional.of(new DatasetName(item.get("dataset").s(), item.get("digest").s()))
            : Optional.empty();
    return RunItems.metrics(item).stream()
        .map(metric -> new ModelMetric(ModelId.of(item), item.get("run").s(), metric, dataset));
  }
}
