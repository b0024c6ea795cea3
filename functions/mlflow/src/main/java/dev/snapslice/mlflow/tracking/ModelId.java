package dev.snapslice.mlflow.tracking;

import static dev.snapslice.mlflow.table.TrackingTable.key;

import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The id of a logged model. It holds its experiment's, so whoever knows it can read the model at
 * once, in the partition of all models of the experiment.
 *
 * @param experimentId a number in text
 * @param id {@code m-} and 16 digits each of the experiment and of chance, in hexadecimal
 */
public record ModelId(String experimentId, String id) {
  private static final Pattern FORM = Pattern.compile("m-([0-9a-f]{16})[0-9a-f]{16}");
  private static final String METRICS = "#metrics#";

  /** One that no model has. */
  public static ModelId next(String experimentId, RandomGenerator random) {
    return new ModelId(
        experimentId, "m-%016x%016x".formatted(Long.parseLong(experimentId), random.nextLong()));
  }

  /** What was written, if it may be the id of one of our models. */
  public static Optional<ModelId> parse(String id) {
    Matcher form = FORM.matcher(id);
    return form.matches()
        ? Optional.of(new ModelId("" + Long.parseUnsignedLong(form.group(1), 16), id))
        : Optional.empty();
  }

  /** The partition of all models of an experiment, which has their metrics as well. */
  public static String partition(String experimentId) {
    return "models#" + experimentId;
  }

  /** The key of the item that says all but the metrics. */
  public Map<String, AttributeValue> head() {
    return key(partition(experimentId), id);
  }

  /** The key of an item of metrics. */
  Map<String, AttributeValue> metrics(String hash) {
    return key(partition(experimentId), id + METRICS + hash);
  }

  /** The id of the model that an item of the partition belongs to. */
  public static String of(Map<String, AttributeValue> item) {
    String sort = item.get("sk").s();
    return isHead(item) ? sort : sort.substring(0, sort.indexOf(METRICS));
  }

  public static boolean isHead(Map<String, AttributeValue> item) {
    return !item.get("sk").s().contains(METRICS);
  }
}
