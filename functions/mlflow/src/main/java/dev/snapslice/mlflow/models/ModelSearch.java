package dev.snapslice.mlflow.models;

import static dev.snapslice.mlflow.search.Order.last;
import static java.util.Comparator.comparing;
import static java.util.Comparator.reverseOrder;

import dev.snapslice.mlflow.protocol.Message;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Python;
import dev.snapslice.mlflow.search.Column;
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
          "status_message",
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
    boolean onMetrics = comparisons.stream().anyMatch(c -> entity(c.column()).equals("metrics"));
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
    Column column = comparison.column();
    String key = key(column);
    return switch (entity(column)) {
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
        String name =
            column.entity().isPresent() ? key : ALIASES.getOrDefault(column.written(), key);
        if (name.endsWith("_timestamp_ms")) {
          Predicate<Double> holds = number(comparison);
          yield model -> holds.test((double) moment(model, name));
        }
        checkAttribute(name);
        yield text(comparison, model -> text(model, name));
      }
      default ->
          throw MlflowException.invalid(
              "Invalid entity type: '%s'. Expected one of ['attributes', 'metrics', 'params', 'tags']."
                  .formatted(entity(column)));
    };
  }

  private static String entity(Column column) {
    if (column.written().isEmpty()) {
      throw MlflowException.invalid("Invalid attribute: " + column.entity().orElse("") + ".");
    }
    return column.entity().orElse("attributes");
  }

  /** Only backticks are quotes here, and there may be more of them. */
  private static String key(Column column) {
    return column.written().replaceAll("^`+|`+$", "");
  }

  private static Predicate<Double> number(Comparison comparison) {
    String operator = operator(comparison, FOR_NUMBERS);
    String written = comparison.value().written();
    if (!Python.isFloat(written)) {
      throw MlflowException.invalid("could not convert string to float: " + written);
    }
    double value = Python.toFloat(written);
    return number -> !Double.isNaN(value) && Operators.holds(operator, number, value);
  }

  /** What is no list is a text, and only single quotes are quotes. */
  private static Predicate<LoggedModel> text(
      Comparison comparison, Function<LoggedModel, Optional<String>> of) {
    String operator = operator(comparison, FOR_TEXTS);
    Comparison.Value value =
        comparison.value() instanceof Comparison.Texts list
            ? list
            : new Comparison.Text(
                comparison.value().written().replaceAll("^'+|'+$", ""),
                comparison.value().written());
    Predicate<String> matches = Operators.matching(operator, value);
    return model -> of.apply(model).filter(matches).isPresent();
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

  private static void checkAttribute(String name) {
    if (!ATTRIBUTES.contains(name)) {
      throw MlflowException.invalid("Invalid attribute: " + name);
    }
  }

  private static long moment(LoggedModel model, String name) {
    return name.equals("creation_timestamp_ms") ? model.created() : model.updated();
  }

  private static Optional<String> text(LoggedModel model, String name) {
    return switch (name) {
      case "model_id" -> Optional.of(model.id());
      case "experiment_id" -> Optional.of(model.experimentId());
      case "name" -> Optional.of(model.name());
      case "artifact_location" -> Optional.of(model.location());
      case "status" ->
          Optional.of("" + (Arrays.asList(LoggedModel.STATUSES).indexOf(model.status()) + 1));
      case "lifecycle_stage" -> Optional.of(model.stage().word());
      case "model_type" -> Optional.of(model.type());
      // It is told by nobody.
      case "status_message" -> Optional.empty();
      default -> Optional.of(model.sourceRun());
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
          : last(model -> text(model, name), ascending);
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
