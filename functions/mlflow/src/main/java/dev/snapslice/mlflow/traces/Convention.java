package dev.snapslice.mlflow.traces;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.snapslice.core.json.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The names of attributes by which others than MLflow tell of models: what they tell is told by
 * MLflow's names as well.
 *
 * @param kind the attribute that says of what type a span is
 * @param types what MLflow calls them
 * @param tokens the attributes that say how many: read, written and of both; those after are of
 *     caches, read and written
 */
record Convention(
    String kind,
    Map<String, String> types,
    List<String> tokens,
    List<String> inputs,
    List<String> outputs,
    List<String> models,
    String provider,
    List<String> tools) {
  private static final String TYPE = "mlflow.spanType";
  private static final List<String> TOKENS =
      List.of(
          "input_tokens",
          "output_tokens",
          "total_tokens",
          "cache_read_input_tokens",
          "cache_creation_input_tokens");

  /**
   * The first that tells something counts.
   *
   * @see <a href="https://arize-ai.github.io/openinference/spec/">OpenInference</a>
   * @see <a href="https://opentelemetry.io/docs/specs/semconv/gen-ai/">GenAI</a>
   * @see <a href="https://www.traceloop.com/docs/openllmetry/">OpenLLMetry</a>
   */
  private static final List<Convention> ALL =
      List.of(
          new Convention(
              "openinference.span.kind",
              Stream.of(
                      "TOOL CHAIN LLM RETRIEVER EMBEDDING AGENT RERANKER UNKNOWN GUARDRAIL EVALUATOR"
                          .split(" ", -1))
                  .collect(Collectors.toMap(type -> type, type -> type)),
              List.of(
                  "llm.token_count.prompt",
                  "llm.token_count.completion",
                  "llm.token_count.total",
                  "llm.token_count.prompt_details.cache_read",
                  "llm.token_count.prompt_details.cache_write"),
              List.of("input.value"),
              List.of("output.value"),
              List.of(
                  "llm.response.model_name",
                  "llm.model_name",
                  "llm.request.model_name",
                  "embedding.model_name"),
              "llm.provider",
              List.of()),
          new Convention(
              "gen_ai.operation.name",
              Map.of(
                  "chat", "CHAT_MODEL",
                  "create_agent", "AGENT",
                  "embeddings", "EMBEDDING",
                  "execute_tool", "TOOL",
                  "generate_content", "LLM",
                  "invoke_agent", "AGENT",
                  "text_completion", "LLM",
                  "response", "LLM"),
              List.of(
                  "gen_ai.usage.input_tokens",
                  "gen_ai.usage.output_tokens",
                  "",
                  "gen_ai.usage.cache_read.input_tokens",
                  "gen_ai.usage.cache_write.input_tokens"),
              List.of("gen_ai.input.messages", "gen_ai.tool.call.arguments"),
              List.of("gen_ai.output.messages", "gen_ai.tool.call.result"),
              List.of("gen_ai.response.model", "gen_ai.request.model"),
              "gen_ai.provider.name",
              List.of("gen_ai.tool.definitions")),
          new Convention(
              "traceloop.span.kind",
              Map.of(
                  "workflow", "WORKFLOW",
                  "task", "TASK",
                  "agent", "AGENT",
                  "tool", "TOOL",
                  "unknown", "UNKNOWN"),
              List.of(
                  "gen_ai.usage.prompt_tokens",
                  "gen_ai.usage.completion_tokens",
                  "llm.usage.total_tokens"),
              List.of("traceloop.entity.input"),
              List.of("traceloop.entity.output"),
              List.of(),
              "gen_ai.system",
              List.of()));

  /** Adds MLflow's attributes to those of a span, where they are not there. */
  static void addTo(Map<String, JsonNode> attributes) {
    if (Attributes.text(attributes, TYPE).filter(type -> !type.equals("UNKNOWN")).isEmpty()) {
      first(each ->
              Attributes.text(attributes, each.kind)
                  .flatMap(k -> Optional.ofNullable(each.types.get(k))))
          .ifPresent(type -> attributes.put(TYPE, TextNode.valueOf(type)));
    }
    add(attributes, "mlflow.spanInputs", each -> told(attributes, each.inputs));
    add(attributes, "mlflow.spanOutputs", each -> told(attributes, each.outputs));
    add(attributes, Usage.TOKENS.attribute(), each -> each.tokens(attributes));
    add(attributes, "mlflow.chat.tools", each -> told(attributes, each.tools));
    add(attributes, SpanNote.MODEL, each -> told(attributes, each.models));
    for (String by : List.of("mlflow.spanInputs", "mlflow.spanOutputs")) {
      JsonNode model = attributes.getOrDefault(by, Json.MAPPER.nullNode()).path("model");
      if (model.isTextual() && isSome(model)) {
        attributes.putIfAbsent(SpanNote.MODEL, model);
      }
    }
    add(attributes, SpanNote.PROVIDER, each -> told(attributes, List.of(each.provider)));
  }

  private static <T> Optional<T> first(Function<Convention, Optional<T>> told) {
    return ALL.stream().map(told).flatMap(Optional::stream).findFirst();
  }

  private static void add(
      Map<String, JsonNode> attributes,
      String name,
      Function<Convention, Optional<JsonNode>> told) {
    if (!attributes.containsKey(name)) {
      first(told).ifPresent(value -> attributes.put(name, value));
    }
  }

  private static Optional<JsonNode> told(Map<String, JsonNode> attributes, List<String> names) {
    return names.stream()
        .map(attributes::get)
        .filter(value -> value != null && isSome(value))
        .findFirst();
  }

  private static boolean isSome(JsonNode value) {
    return switch (value.getNodeType()) {
      case STRING -> !value.asText().isEmpty();
      case NUMBER -> value.asDouble() != 0;
      case BOOLEAN -> value.asBoolean();
      default -> !value.isEmpty();
    };
  }

  private Optional<JsonNode> tokens(Map<String, JsonNode> attributes) {
    ObjectNode usage = Json.MAPPER.createObjectNode();
    for (int i = 0; i < tokens.size(); i++) {
      String name = TOKENS.get(i);
      integer(attributes.get(tokens.get(i))).ifPresent(number -> usage.set(name, number));
      if (i == 2 && !usage.has(name) && usage.size() == 2) {
        usage.put(name, usage.path(TOKENS.get(0)).asLong() + usage.path(TOKENS.get(1)).asLong());
      }
      if (i == 2 && usage.isEmpty()) {
        return Optional.empty();
      }
    }
    return Optional.of(usage);
  }

  private static Optional<JsonNode> integer(JsonNode value) {
    if (value == null || !(value.isIntegralNumber() || value.asText().matches("[+-]?\\d{1,18}"))) {
      return Optional.empty();
    }
    return Optional.of(LongNode.valueOf(value.asLong()));
  }
}
