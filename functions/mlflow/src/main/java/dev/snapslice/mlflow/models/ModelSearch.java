package dev.snapslice.mlflow.models;

import static dev.snapslice.mlflow.search.Order.last;
import static java.util.Comparator.comparing;
import static java.util.Comparator.reverseOrder;

import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.search.Comparison;
import dev.snapslice.mlflow.search.Filter;
import dev.snapslice.mlflow.search.Operators;
import dev.snapslice.mlflow.tracking.ModelMetric;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The search language of logged models: attributes, metrics (of certain datasets), parameters and
 * tags.
 *
 * @see <a href="https://mlflow.org/docs/latest/ml/search/search-models/">Search logged models</a>
 */
final class ModelSearch {
  private static final Set<String> FOR_NUMBERS = Set.of("=", "!=", "<", "<=", ">", ">=");
  private static final Set<String> FOR_TEXTS = Set.of("=", "!=", "LIKE", "ILIKE", "IN", "NOT IN");
  private static final Set<String> ATTRIBUTES =
      Set.of(
          "model_id",
          "experiment_id",
          "name",
          "artifact_location",
          "status",
          "lifecycle_stage",
          "model_type",
          "source_run_id",
          "creation_timestamp_ms",
          "last_updated_timestamp_ms");
  private static final Map<String, String> ALIASES =
      Map.of(
          "creation_time", "creation_timestamp_ms",
          "creation_timestamp", "creation_timestamp_ms",
          "last_updated_timestamp", "last_updated_timestamp_ms");

  /** The newest first; of one moment and step the run that comes first counts. */
  private static final Comparator<ModelMetric> RECENCY =
      comparing((ModelMetric each) -> each.metric().timestamp(), reverseOrder())
          .thenComparing(each -> each.metric().step(), reverseOrder())
          .thenComparing(ModelMetric::runId);

  private ModelSearch() {}

  /** Which models a filter wants; datasets are messages that name some. */
  static Predicate<LoggedModel> filter(String filter, List<Message> datasets) {
    if (datasets.stream().anyMatch(dataset -> dataset.text("dataset_name").isEmpty())) {
      throw MlflowException.invalid("`dataset_name` in the `datasets` clause must be specified.");
    }
    Predicate<ModelMetric> counts =
        datasets.stream()
            .map(ModelSearch::measuredWith)
            .reduce(Predicate::or)
            .orElse(metric -> true);
    List<Comparison> comparisons = Filter.parse(filter);
    boolean onMetrics =
        comparisons.stream().anyMatch(c -> c.column().entity().equals(Optional.of("metrics")));
    Predicate<LoggedModel> measured =
        datasets.isEmpty() || onMetrics
            ? model -> true
            : model -> model.metrics().stream().anyMatch(counts);
    return comparisons.stream()
        .map(comparison -> predicate(comparison, counts))
        .reduce(measured, Predicate::and);
  }

  /** Whether a metric is of a dataset, which may be told without its digest. */
  private static Predicate<ModelMetric> measuredWith(Message dataset) {
    Optional<String> name = dataset.given("dataset_name");
    Optional<String> digest = dataset.given("dataset_digest");
    return metric ->
        (name.isEmpty() || name.equals(metric.dataset().map(ModelMetric.DatasetName::name)))
            && (digest.isEmpty()
                || digest.equals(metric.dataset().map(ModelMetric.DatasetName::digest)));
  }

  private static Predicate<LoggedModel> predicate(
      Comparison comparison, Predicate<ModelMetric> counts) {
    String key = comparison.column().key();
    return switch (comparison.column().entity().orElse("attributes")) {
      case "metrics" -> {
        Predicate<Double> holds = number(comparison);
        yield model ->
            model.metrics().stream()
                .filter(counts)
                .anyMatch(m -> m.metric().key().equals(key) && holds.test(m.metric().value()));
      }
      case "params" -> text(comparison, model -> Optional.ofNullable(model.params().get(key)));
      case "tags" -> text(comparison, model -> Optional.ofNullable(model.tags().get(key)));
      case "attributes" -> {
        String name = ALIASES.getOrDefault(key, key);
        if (name.endsWith("_timestamp_ms")) {
          Predicate<Double> holds = number(comparison);
          yield model -> holds.test((double) moment(model, name));
        }
        attribute(name);
        yield text(comparison, model -> Optional.of(text(model, name)));
      }
      default ->
          throw MlflowException.invalid(
              "Invalid entity type: '%s'. Expected one of ['attributes', 'metrics', 'params', 'tags']."
                  .formatted(comparison.column().entity().orElseThrow()));
    };
  }

  private static Predicate<Double> number(Comparison comparison) {
    String operator = operator(comparison, FOR_NUMBERS);
    if (!(comparison.value() instanceof Comparison.Numeral(String written))) {
      throw MlflowException.invalid(
          "could not convert string to float: " + comparison.value().written());
    }
    double value = Double.parseDouble(written);
    return number -> Operators.holds(operator, number, value);
  }

  /** What is no list is a text, with or without quotes. */
  private static Predicate<LoggedModel> text(
      Comparison comparison, Function<LoggedModel, Optional<String>> of) {
    String operator = operator(comparison, FOR_TEXTS);
    Comparison.Value value =
        switch (comparison.value()) {
          case Comparison.Numeral(String written) -> new Comparison.Text(written, written);
          case Comparison.Word(String written) -> new Comparison.Text(written, written);
          default -> comparison.value();
        };
    return model ->
        of.apply(model).filter(text -> Operators.holds(operator, text, value)).isPresent();
  }

  private static String operator(Comparison comparison, Set<String> known) {
    String operator = comparison.operator().toUpperCase(Locale.ROOT);
    if (!known.contains(operator)) {
      throw MlflowException.invalid(
          "Invalid comparison operator for %s: '%s'. Expected one of %s."
              .formatted(comparison.column().key(), operator, known));
    }
    return operator;
  }

  private static String attribute(String name) {
    if (!ATTRIBUTES.contains(name)) {
      throw MlflowException.invalid("Invalid attribute: " + name);
    }
    return name;
  }

  private static long moment(LoggedModel model, String name) {
    return name.equals("creation_timestamp_ms") ? model.created() : model.updated();
  }

  private static String text(LoggedModel model, String name) {
    return switch (name) {
      case "model_id" -> model.id();
      case "experiment_id" -> model.experimentId();
      case "name" -> model.name();
      case "artifact_location" -> model.location();
      case "status" -> "" + (Arrays.asList(LoggedModel.STATUSES).indexOf(model.status()) + 1);
      case "lifecycle_stage" -> model.stage().word();
      case "model_type" -> model.type();
      default -> model.sourceRun();
    };
  }

  /** How models are ordered by {@code OrderBy} messages; then the newest come first. */
  static Comparator<LoggedModel> order(List<Message> orders) {
    Comparator<LoggedModel> order = (_, _) -> 0;
    for (Message each : orders) {
      order = order.thenComparing(by(each));
    }
    return order.thenComparing(LoggedModel::created, reverseOrder()).thenComparing(LoggedModel::id);
  }

  private static Comparator<LoggedModel> by(Message order) {
    String field = order.text("field_name");
    boolean ascending = order.flag("ascending", true);
    if (!field.contains(".")) {
      String name = ALIASES.getOrDefault(field, field);
      if (!ATTRIBUTES.contains(name)) {
        throw MlflowException.invalid("Invalid order by field name: " + field);
      }
      return name.endsWith("_timestamp_ms")
          ? last(model -> Optional.of(moment(model, name)), ascending)
          : last(model -> Optional.of(text(model, name)), ascending);
    }
    if (!field.startsWith("metrics.")) {
      throw MlflowException.invalid(
          "Invalid order by field name: %s. Only metrics are supported.".formatted(field));
    }
    String key = field.substring("metrics.".length());
    Predicate<ModelMetric> counts = measuredWith(order);
    return last(
        model ->
            model.metrics().stream()
                .filter(metric -> metric.metric().key().equals(key))
                .filter(counts)
                .min(RECENCY)
                .map(metric -> metric.metric().value()),
        ascending);
  }
}
