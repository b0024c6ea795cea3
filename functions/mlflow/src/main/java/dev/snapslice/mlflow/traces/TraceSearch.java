package dev.snapslice.mlflow.traces;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.MlflowException.Code;
import dev.snapslice.mlflow.protocol.Python;
import dev.snapslice.mlflow.search.Column;
import dev.snapslice.mlflow.search.Comparison;
import dev.snapslice.mlflow.search.Filter;
import dev.snapslice.mlflow.search.Operators;
import dev.snapslice.mlflow.search.Order;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The search language of traces: attributes, tags, metadata, assessments, and names, types and
 * states of spans.
 *
 * @see <a href="https://mlflow.org/docs/latest/genai/tracing/search-traces/">Search traces</a>
 */
final class TraceSearch {
  private static final Set<String> FOR_NUMBERS = Set.of("=", "!=", "<", "<=", ">", ">=");
  private static final Set<String> FOR_TEXTS = Set.of("=", "!=", "LIKE", "ILIKE");
  private static final Set<String> FOR_LISTS = Set.of("=", "!=", "LIKE", "ILIKE", "IN", "NOT IN");

  private static final Set<String> UNORDERED = Set.of("client_request_id", "prompt");

  private TraceSearch() {}

  /** What a trace's columns belong to. */
  private enum Entity {
    ATTRIBUTE,
    TAG,
    METADATA,
    SPAN,
    FEEDBACK,
    EXPECTATION,
    ISSUE
  }

  /** A column by the one name that it has. */
  private record Named(Entity entity, String key) {
    static Named of(Column column) {
      String name = column.entity().orElse("attribute");
      Entity entity =
          switch (name) {
            case "attribute", "attributes", "trace" -> Entity.ATTRIBUTE;
            case "tag", "tags" -> Entity.TAG;
            case "metadata", "request_metadata" -> Entity.METADATA;
            case "span" -> Entity.SPAN;
            case "feedback" -> Entity.FEEDBACK;
            case "expectation" -> Entity.EXPECTATION;
            case "issue" -> Entity.ISSUE;
            default -> throw MlflowException.invalid("Invalid entity type '%s'".formatted(name));
          };
      return entity == Entity.ATTRIBUTE ? attribute(column.key()) : new Named(entity, column.key());
    }

    private static Named attribute(String key) {
      return switch (key) {
        case "timestamp", "timestamp_ms" -> new Named(Entity.ATTRIBUTE, "timestamp_ms");
        case "execution_time", "execution_time_ms" ->
            new Named(Entity.ATTRIBUTE, "execution_time_ms");
        case "end_time", "end_time_ms" -> new Named(Entity.ATTRIBUTE, "end_time_ms");
        case "request_id", "status", "client_request_id", "experiment_id", "prompt" ->
            new Named(Entity.ATTRIBUTE, key);
        case "name" -> new Named(Entity.TAG, Trace.NAME_TAG);
        case "run_id" -> new Named(Entity.METADATA, Trace.SOURCE_RUN);
        case "text" -> new Named(Entity.SPAN, "content");
        default ->
            throw MlflowException.invalid("Invalid attribute key '%s' specified".formatted(key));
      };
    }

    boolean isNumber() {
      return entity == Entity.ATTRIBUTE && key.endsWith("_ms");
    }
  }

  /** Which traces a filter wants. */
  static Predicate<Trace> filter(String filter) {
    List<Comparison> onSpans = new ArrayList<>();
    Predicate<Trace> all = trace -> true;
    for (Comparison comparison : Filter.parse(filter)) {
      Named column = Named.of(comparison.column());
      if (column.entity() == Entity.SPAN) {
        onSpans.add(comparison);
      } else {
        all = all.and(predicate(column, comparison));
      }
    }
    return onSpans.isEmpty() ? all : all.and(spans(onSpans));
  }

  /** All that is said of spans is said of one of them. */
  private static Predicate<Trace> spans(List<Comparison> comparisons) {
    Predicate<JsonNode> matches =
        comparisons.stream()
            .map(comparison -> {
              String key = Named.of(comparison.column()).key();
              if (!Set.of("name", "type", "status").contains(key)) {
                throw MlflowException.invalid(
                    "Spans are searched by name, type and status here, not by '%s'".formatted(key));
              }
              return TraceSearch.<JsonNode>text(
                  comparison,
                  span -> Optional.of(span.path(key).asText()).filter(text -> !text.isEmpty()),
                  FOR_LISTS);
            })
            .reduce(span -> true, Predicate::and);
    return trace -> trace.kinds().stream().anyMatch(matches);
  }

  private static Predicate<Trace> predicate(Named column, Comparison comparison) {
    String key = column.key();
    return switch (column.entity()) {
      case TAG -> orNothing(comparison, trace -> trace.tag(key));
      case METADATA -> {
        Predicate<Trace> told = orNothing(comparison, trace -> trace.metadata(key));
        yield key.equals(Trace.SOURCE_RUN)
                && comparison.operator().equals("=")
                && comparison.value() instanceof Comparison.Text(String run, String written)
            ? told.or(trace -> trace.isLinked(Trace.RUNS, run))
            : told;
      }
      case FEEDBACK, EXPECTATION ->
          assessment(column.entity().name().toLowerCase(Locale.ROOT), key, comparison);
      case ISSUE -> {
        String issue = only(comparison);
        yield trace ->
            trace.assessments().stream()
                .anyMatch(each -> each.has("issue") && isNamed(each, issue));
      }
      case ATTRIBUTE, SPAN -> attribute(column, comparison);
    };
  }

  private static Predicate<Trace> attribute(Named column, Comparison comparison) {
    if (column.key().equals("prompt")) {
      String prompt = only(comparison);
      if (prompt.chars().filter(c -> c == '/').count() != 1) {
        throw MlflowException.invalid(
            "Invalid prompts filter value '%s'. Expected format: prompt = \"name/version\""
                .formatted(prompt));
      }
      return trace -> trace.isLinked(Trace.PROMPTS, prompt);
    }
    if (column.isNumber()) {
      double value = number(comparison);
      String operator = operator(comparison, FOR_NUMBERS);
      return trace ->
          moment(trace, column.key()).filter(m -> Operators.holds(operator, m, value)).isPresent();
    }
    if (column.key().equals("experiment_id")) {
      throw MlflowException.invalid("Invalid attribute key 'experiment_id' specified");
    }
    return text(comparison, trace -> text(trace, column.key()), FOR_LISTS);
  }

  private static Optional<Long> moment(Trace trace, String key) {
    return switch (key) {
      case "timestamp_ms" -> Optional.of(trace.millis());
      case "execution_time_ms" -> trace.duration();
      default -> Optional.of(trace.millis() + trace.duration().orElse(0L));
    };
  }

  private static Optional<String> text(Trace trace, String key) {
    return switch (key) {
      case "request_id" -> Optional.of(trace.id());
      case "status" -> Optional.of(trace.state());
      case "experiment_id" -> Optional.of(trace.experimentId());
      default -> trace.text(key);
    };
  }

  /** The value of a column that knows only equality. */
  private static String only(Comparison comparison) {
    operator(comparison, Set.of("="));
    if (comparison.value() instanceof Comparison.Text(String text, String written)) {
      return text;
    }
    throw noText(comparison);
  }

  private static boolean isNamed(ObjectNode assessment, String name) {
    return assessment.path("assessment_name").asText().equals(name);
  }

  private static Predicate<Trace> assessment(String kind, String name, Comparison comparison) {
    Predicate<ObjectNode> valid =
        each -> each.has(kind) && isNamed(each, name) && each.path("valid").asBoolean();
    if (comparison.value() instanceof Comparison.Nothing) {
      boolean wanted = comparison.operator().equals("IS NOT NULL");
      return trace -> trace.assessments().stream().anyMatch(valid) == wanted;
    }
    Predicate<ObjectNode> matches = value(kind, comparison);
    return trace -> trace.assessments().stream().anyMatch(valid.and(matches));
  }

  /** Values are compared as JSON: a text with its quotes, or as if it had some. */
  private static Predicate<ObjectNode> value(String kind, Comparison comparison) {
    if (Set.of("<", "<=", ">", ">=").contains(comparison.operator())) {
      double than = number(comparison);
      return each -> {
        JsonNode value = assessed(each, kind);
        return value.isNumber() && Operators.holds(comparison.operator(), value.asDouble(), than);
      };
    }
    String operator = operator(comparison, FOR_TEXTS);
    if (!(comparison.value() instanceof Comparison.Text(String text, String written))) {
      throw noText(comparison);
    }
    return each -> {
      String value = Attributes.dumps(assessed(each, kind), true);
      boolean same = value.equals(text) || value.equals(Python.quoted(text));
      return switch (operator) {
        case "=" -> same;
        case "!=" -> !same;
        default -> Operators.holds(operator, value, comparison.value());
      };
    };
  }

  private static JsonNode assessed(ObjectNode assessment, String kind) {
    JsonNode said = assessment.path(kind);
    return said.has("serialized_value")
        ? Json.read(said.path("serialized_value").path("value").asText(), JsonNode.class)
        : said.path("value");
  }

  private static Predicate<Trace> orNothing(
      Comparison comparison, Function<Trace, Optional<String>> of) {
    if (comparison.value() instanceof Comparison.Nothing) {
      boolean wanted = comparison.operator().equals("IS NOT NULL");
      return trace -> of.apply(trace).isPresent() == wanted;
    }
    return text(comparison, of, FOR_TEXTS);
  }

  private static <T> Predicate<T> text(
      Comparison comparison, Function<T, Optional<String>> of, Set<String> operators) {
    String operator = operator(comparison, operators);
    boolean list = operator.endsWith("IN");
    if (!(list
        ? comparison.value() instanceof Comparison.Texts
        : comparison.value() instanceof Comparison.Text)) {
      throw noText(comparison);
    }
    return each ->
        of.apply(each)
            .filter(text -> Operators.holds(operator, text, comparison.value()))
            .isPresent();
  }

  private static MlflowException noText(Comparison comparison) {
    return MlflowException.invalid(
        "Expected a quoted string value for %s (e.g. 'my-value'). Got value %s"
            .formatted(comparison.column().key(), comparison.value().written()));
  }

  private static double number(Comparison comparison) {
    if (comparison.value() instanceof Comparison.Numeral(String written)) {
      return Double.parseDouble(written);
    }
    throw MlflowException.invalid(
        "Expected a numeric value for %s. Got value %s"
            .formatted(comparison.column().key(), comparison.value().written()));
  }

  private static String operator(Comparison comparison, Set<String> known) {
    String operator = comparison.operator().toUpperCase(Locale.ROOT);
    if (!known.contains(operator)) {
      throw MlflowException.invalid(
          "Invalid comparator '%s' not one of '%s'".formatted(operator, known));
    }
    return operator;
  }

  /** Whether an order is that in which traces lie: the newest first. */
  static boolean isByTime(List<String> orders) {
    return orders.stream()
        .map(Order::parse)
        .findFirst()
        .map(first ->
            !first.ascending()
                && orders.size() == 1
                && Named.of(first.column()).key().equals("timestamp_ms"))
        .orElse(true);
  }

  /** Traces that have nothing to be ordered by come last, whichever way. */
  static Comparator<Trace> order(List<String> orders) {
    Comparator<Trace> order = (_, _) -> 0;
    Set<Named> seen = new HashSet<>();
    for (String text : orders) {
      Order each = Order.parse(text);
      Named column = Named.of(each.column());
      if (column.entity() == Entity.ATTRIBUTE && UNORDERED.contains(column.key())) {
        throw MlflowException.invalid(
            "Invalid attribute key '%s' specified".formatted(column.key()));
      }
      if (!seen.add(column)) {
        throw new MlflowException(
            Code.INTERNAL_ERROR, "`order_by` contains duplicate fields: " + orders);
      }
      order = order.thenComparing(by(column, each.ascending()));
    }
    if (!seen.contains(new Named(Entity.ATTRIBUTE, "timestamp_ms"))) {
      order = order.thenComparing(Comparator.comparingLong(Trace::millis).reversed());
    }
    return order.thenComparing(Trace::id);
  }

  private static Comparator<Trace> by(Named column, boolean ascending) {
    if (column.isNumber()) {
      return last(trace -> moment(trace, column.key()), ascending);
    }
    return switch (column.entity()) {
      case TAG -> last(trace -> trace.tag(column.key()), ascending);
      case METADATA -> last(trace -> trace.metadata(column.key()), ascending);
      case ATTRIBUTE -> last(trace -> text(trace, column.key()), ascending);
      default ->
          throw MlflowException.invalid(
              "Invalid identifier type '%s'"
                  .formatted(column.entity().name().toLowerCase(Locale.ROOT)));
    };
  }

  private static <T extends Comparable<T>> Comparator<Trace> last(
      Function<Trace, Optional<T>> of, boolean ascending) {
    Comparator<T> values = Comparator.naturalOrder();
    return Comparator.comparing(
        trace -> of.apply(trace).orElse(null),
        Comparator.nullsLast(ascending ? values : values.reversed()));
  }
}
