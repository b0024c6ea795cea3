package dev.snapslice.mlflow.tracking;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.mlflow.protocol.Field;
import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import java.util.Comparator;
import java.util.Optional;

/**
 * A metric of a logged model: what a run logged with the model's id.
 *
 * @param dataset that the model was measured with, if one was named
 */
public record ModelMetric(
    String modelId, String runId, Metric metric, Optional<DatasetName> dataset) {
  /** What messages of metrics have besides a metric's own fields. */
  static final Field[] FIELDS = {
    Field.text("model_id"), Field.text("dataset_name"), Field.text("dataset_digest")
  };

  /** By name, then as in a history. */
  static final Comparator<ModelMetric> ORDER =
      Comparator.comparing((ModelMetric each) -> each.metric().key())
          .thenComparing(ModelMetric::metric, Metric.HISTORY)
          .thenComparing(ModelMetric::runId);

  /** By what a dataset is known. */
  public record DatasetName(String name, String digest) {}

  public ModelMetric {
    // MLflow's databases have no place for what is no number of a model.
    metric =
        Double.isNaN(metric.value())
            ? new Metric(metric.key(), 0, metric.timestamp(), metric.step())
            : metric;
  }

  /**
   * What a message says of a model, if it names one.
   *
   * @throws MlflowException if it names half a dataset
   */
  static Optional<ModelMetric> of(Message message, String runId, Metric metric) {
    Optional<String> name = message.given("dataset_name");
    Optional<String> digest = message.given("dataset_digest");
    if (name.isPresent() != digest.isPresent()) {
      throw MlflowException.invalid(
          "Both dataset_name and dataset_digest must be provided if one is provided");
    }
    return message
        .given("model_id")
        .map(id ->
            new ModelMetric(
                id, runId, metric, name.map(n -> new DatasetName(n, digest.orElseThrow()))));
  }

  /** The {@code Metric} message. */
  public ObjectNode json() {
    ObjectNode json = metric.json();
    dataset.ifPresent(
        named -> json.put("dataset_name", named.name()).put("dataset_digest", named.digest()));
    json.put("model_id", modelId);
    json.put("run_id", runId);
    return json;
  }
}
