package dev.snapslice.mlflow.tracking;

import static dev.snapslice.mlflow.search.Order.last;

import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.search.Column;
import dev.snapslice.mlflow.search.Comparison;
import dev.snapslice.mlflow.search.Filter;
import dev.snapslice.mlflow.search.Operators;
import dev.snapslice.mlflow.search.Order;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The search language of runs: attributes, metrics, parameters and tags.
 *
 * @see <a href="https://mlflow.org/docs/latest/ml/search/search-runs/">Search runs</a>
 */
final class RunSearch {
  private static final Set<String> FOR_NUMBERS = Set.of("=", "!=", "<", "<=", ">", ">=");
  private static final Set<String> FOR_TEXTS = Set.of("=", "!=", "LIKE", "ILIKE");
  private static final Set<String> FOR_ATTRIBUTES =
      Set.of("=", "!=", "LIKE", "ILIKE", "IN", "NOT IN");

  private RunSearch() {}

  /** What a run's columns belong to. */
  private enum Entity {
    METRIC,
    PARAM,
    TAG,
    ATTRIBUTE,
    DATASET;

    static Entity of(Column column) {
      String name = column.plainEntity().orElse("attribute");
      return switch (name) {
        case "metric", "metrics" -> METRIC;
        case "parameter", "parameters", "param", "params" -> PARAM;
        case "tag", "tags" -> TAG;
        case "attribute", "attributes", "attr", "run" -> ATTRIBUTE;
        case "dataset", "datasets" -> DATASET;
        default ->
            throw MlflowException.invalid(
                "Invalid entity type '%s'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']"
                    .formatted(name));
      };
    }
  }

  static Predicate<SearchedRun> filter(String filter) {
    return Filter.parse(filter).stream()
        .map(RunSearch::predicate)
        .reduce(run -> true, Predicate::and);
  }

  private static Predicate<SearchedRun> predicate(Comparison comparison) {
    String key = comparison.column().key();
    return switch (Entity.of(comparison.column())) {
      case METRIC -> {
        double value = number(comparison, "metric");
        String operator = comparison.operator(FOR_NUMBERS);
        yield run ->
            run.metric(key)
                .filter(metric -> Operators.holds(operator, metric.value(), value))
                .isPresent();
      }
      case PARAM -> orNothing(comparison, run -> run.param(key));
      case TAG -> orNothing(comparison, run -> run.tag(key));
      case ATTRIBUTE -> attribute(comparison);
      case DATASET -> dataset(comparison);
    };
  }

  private static Predicate<SearchedRun> dataset(Comparison comparison) {
    Function<DatasetInput, Optional<String>> of =
        switch (comparison.column().key()) {
          case "name" -> dataset -> Optional.of(dataset.name());
          case "digest" -> dataset -> Optional.of(dataset.digest());
          case "context" -> DatasetInput::context;
          default ->
              throw MlflowException.invalid(
                  "Invalid dataset key '%s' specified. Valid keys are '{'name', 'digest', 'context'}'"
                      .formatted(comparison.column().key()));
        };
    Predicate<DatasetInput> matches = text(comparison, of, FOR_ATTRIBUTES);
    return run -> run.datasets().stream().anyMatch(matches);
  }

  private static Predicate<SearchedRun> attribute(Comparison comparison) {
    String key =
        switch (comparison.column().key()) {
          case "run name", "Run name", "Run Name" -> "run_name";
          default -> attribute(comparison.column().key());
        };
    if (key.equals("start_time") || key.equals("end_time")) {
      double value = number(comparison, "numeric attribute: " + key);
      String operator = comparison.operator(FOR_NUMBERS);
      return run -> moment(run, key).filter(m -> Operators.holds(operator, m, value)).isPresent();
    }
    if (comparison.value() instanceof Comparison.Texts && !key.equals("run_id")) {
      throw MlflowException.invalid(
          "Only ['run_id'] attributes support comparison with a list of quoted string values.");
    }
    return text(comparison, run -> Optional.of(text(run, key)), FOR_ATTRIBUTES);
  }

  /** The one name of an attribute. */
  private static String attribute(String key) {
    return switch (key) {
      case "created", "Created" -> "start_time";
      case "run_id", "run_name", "user_id", "status", "start_time", "end_time", "artifact_uri" ->
          key;
      default ->
          throw MlflowException.invalid(
              "Invalid attribute key '%s' specified. Valid keys are '%s'"
                  .formatted(
                      key,
                      "artifact_uri, end_time, run_id, run_name, start_time, status, user_id"));
    };
  }

  private static Optional<Long> moment(SearchedRun run, String key) {
    return key.equals("start_time") ? Optional.of(run.start()) : run.end();
  }

  private static String text(SearchedRun run, String key) {
    return switch (key) {
      case "run_id" -> run.id();
      case "run_name" -> run.tag(Run.NAME_TAG).orElseGet(run::name);
      case "user_id" -> run.user();
      case "status" -> run.status();
      default -> run.location();
    };
  }

  /** A parameter or a tag, of which it may be asked whether it is missing. */
  private static Predicate<SearchedRun> orNothing(
      Comparison comparison, Function<SearchedRun, Optional<String>> of) {
    if (comparison.value() instanceof Comparison.Nothing) {
      boolean wanted = comparison.operator().equals("IS NOT NULL");
      return run -> of.apply(run).isPresent() == wanted;
    }
    return text(comparison, of, FOR_TEXTS);
  }

  private static <T> Predicate<T> text(
      Comparison comparison, Function<T, Optional<String>> of, Set<String> operators) {
    String operator = comparison.operator(operators);
    if (!(comparison.value() instanceof Comparison.Text)
        && !(comparison.value() instanceof Comparison.Texts)) {
      throw MlflowException.invalid(
          "Expected a quoted string value. Got value " + comparison.value().written());
    }
    Predicate<String> matches = Operators.matching(operator, comparison.value());
    return run -> of.apply(run).filter(matches).isPresent();
  }

  private static double number(Comparison comparison, String what) {
    if (comparison.value() instanceof Comparison.Numeral(String written)) {
      return Double.parseDouble(written);
    }
    throw MlflowException.invalid(
        "Expected numeric value type for %s. Found %s"
            .formatted(what, comparison.value().written()));
  }

  /** Runs that have nothing to be ordered by come last, whichever way. */
  static Comparator<SearchedRun> order(List<String> orders) {
    Comparator<SearchedRun> order = (_, _) -> 0;
    Set<String> seen = new HashSet<>();
    for (String text : orders) {
      Order each = Order.parse(text);
      Entity entity = Entity.of(each.column());
      String key =
          entity == Entity.ATTRIBUTE ? attribute(each.column().key()) : each.column().key();
      if (!seen.add(entity + "." + key)) {
        throw new MlflowException(
            Code.INTERNAL_ERROR, "`order_by` contains duplicate fields: " + orders);
      }
      order = order.thenComparing(by(entity, key, each.ascending()));
    }
    if (!seen.contains("ATTRIBUTE.start_time")) {
      order = order.thenComparing(Comparator.comparingLong(SearchedRun::start).reversed());
    }
    return order.thenComparing(SearchedRun::id);
  }

  private static Comparator<SearchedRun> by(Entity entity, String key, boolean ascending) {
    return switch (entity) {
      case METRIC -> {
        Comparator<Double> values = Comparator.naturalOrder();
        yield Comparator.comparingInt((SearchedRun run) -> rank(run.metric(key)))
            .thenComparing(run -> value(run.metric(key)), ascending ? values : values.reversed());
      }
      case PARAM -> last(run -> run.param(key), ascending);
      case TAG -> last(run -> run.tag(key), ascending);
      case ATTRIBUTE ->
          key.endsWith("_time")
              ? last(run -> moment(run, key), ascending)
              : last(run -> Optional.of(text(run, key)), ascending);
      case DATASET -> throw MlflowException.invalid("Invalid identifier type 'dataset'");
    };
  }

  /** Numbers, then NaN, then nothing. */
  private static int rank(Optional<Metric> metric) {
    return metric.map(m -> Double.isNaN(m.value()) ? 1 : 0).orElse(2);
  }

  private static double value(Optional<Metric> metric) {
    return metric.map(Metric::value).filter(value -> !value.isNaN()).orElse(0.0);
  }
}
