package dev.snapslice.mlflow.traces;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.mlflow.protocol.PythonJson;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What models used: their tokens, and their cost. A span has it as an attribute, a trace as JSON in
 * its metadata.
 */
enum Usage {
  TOKENS("mlflow.trace.tokenUsage", "mlflow.chat.tokenUsage"),
  COST("mlflow.trace.cost", "mlflow.llm.cost");

  private final String metadata;
  private final String attribute;

  Usage(String metadata, String attribute) {
    this.metadata = metadata;
    this.attribute = attribute;
  }

  /** The attribute of spans. */
  String attribute() {
    return attribute;
  }

  /** The numbers that are always told, if any are. */
  private List<String> always() {
    return switch (this) {
      case TOKENS -> List.of("input_tokens", "output_tokens", "total_tokens");
      case COST -> List.of("input_cost", "output_cost", "total_cost");
    };
  }

  private List<String> sometimes() {
    return switch (this) {
      case TOKENS ->
          List.of(
              "cache_read_input_tokens",
              "cache_creation_input_tokens",
              "cache_creation_input_tokens_above_1hr");
      case COST -> List.of();
    };
  }

  private List<String> keys() {
    return Stream.concat(always().stream(), sometimes().stream()).toList();
  }

  /** The one that a key of a trace's metadata stands for. */
  static Optional<Usage> in(String metadata) {
    return Stream.of(values()).filter(usage -> usage.metadata.equals(metadata)).findFirst();
  }

  /** What a span tells of it, with the numbers that are some. */
  Optional<ObjectNode> told(Map<String, JsonNode> attributes) {
    return Optional.ofNullable(attributes.get(attribute)).flatMap(Usage::object).map(this::numbers);
  }

  private static Optional<ObjectNode> object(JsonNode value) {
    if (value instanceof ObjectNode object) {
      return Optional.of(object);
    }
    try {
      return value.isTextual() && Json.MAPPER.readTree(value.asText()) instanceof ObjectNode object
          ? Optional.of(object)
          : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private ObjectNode numbers(ObjectNode sent) {
    ObjectNode numbers = Json.MAPPER.createObjectNode();
    for (String key : keys()) {
      number(sent.path(key)).ifPresent(number -> numbers.set(key, number));
    }
    return numbers;
  }

  private Optional<JsonNode> number(JsonNode value) {
    if (this == TOKENS) {
      return value.isNumber() && value.asDouble() == Math.rint(value.asDouble())
          ? Optional.of(LongNode.valueOf(value.asLong()))
          : Optional.empty();
    }
    return value.isNumber() && Double.isFinite(value.asDouble())
        ? Optional.of(DoubleNode.valueOf(value.asDouble()))
        : Optional.empty();
  }

  /** What is known of it for a trace. */
  Optional<ObjectNode> of(Trace trace) {
    return trace.metadata(metadata).map(text -> Json.read(text, ObjectNode.class));
  }

  /** Adds what was told of it to what is known: of a number the later one counts. */
  void put(Trace trace, JsonNode told) {
    ObjectNode known = of(trace).orElseGet(Json.MAPPER::createObjectNode);
    object(told).map(this::numbers).ifPresent(known::setAll);
    ObjectNode sorted = numbers(known);
    if (!sorted.isEmpty()) {
      trace.metadata(metadata, PythonJson.dumps(sorted));
    }
  }

  /**
   * Sums up what a trace's spans tell of it; a span that does has told of those below it as well.
   * What the client told of the whole trace counts for more.
   */
  void sum(Trace trace) {
    List<SpanNote> spans = trace.notes();
    boolean told = trace.isFinal() && of(trace).isPresent();
    if (!told && spans.stream().anyMatch(span -> span.usage(this).isPresent())) {
      put(trace, sum(spans));
    }
  }

  private ObjectNode sum(List<SpanNote> spans) {
    Set<String> telling = new HashSet<>();
    Map<String, SpanNote> byId = new HashMap<>();
    for (SpanNote span : spans) {
      byId.put(span.id(), span);
      if (span.usage(this).isPresent()) {
        telling.add(span.id());
      }
    }
    List<ObjectNode> counted = new ArrayList<>();
    for (SpanNote span : spans) {
      if (telling.contains(span.id()) && !isBelow(span, telling, byId)) {
        counted.add(span.usage(this).orElseThrow());
      }
    }
    return total(counted);
  }

  /** Spans that a client made each other's parents end after as many steps as there are. */
  private static boolean isBelow(SpanNote span, Set<String> some, Map<String, SpanNote> byId) {
    Optional<SpanNote> above = span.text("parent").map(byId::get);
    for (int steps = 0; above.isPresent() && steps < byId.size(); steps++) {
      if (some.contains(above.get().id())) {
        return true;
      }
      above = above.get().text("parent").map(byId::get);
    }
    return false;
  }

  private ObjectNode total(List<ObjectNode> counted) {
    ObjectNode total = Json.MAPPER.createObjectNode();
    for (String key : keys()) {
      if (always().contains(key) || counted.stream().anyMatch(each -> each.has(key))) {
        if (this == TOKENS) {
          total.put(key, counted.stream().mapToLong(each -> each.path(key).asLong()).sum());
        } else {
          total.put(key, counted.stream().mapToDouble(each -> each.path(key).asDouble()).sum());
        }
      }
    }
    return total;
  }
}
