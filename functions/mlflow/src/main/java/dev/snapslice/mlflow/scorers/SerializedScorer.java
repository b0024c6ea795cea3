package dev.snapslice.mlflow.scorers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.mlflow.protocol.MlflowException;
import dev.snapslice.mlflow.protocol.Python;
import dev.snapslice.mlflow.protocol.PythonJson;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a scorer may be, as MLflow's server has it. */
final class SerializedScorer {
  /** Options that would tell a judge whom to send its questions to. */
  private static final Set<String> DESTINATIONS =
      Set.of("api_base", "base_url", "model_list", "fallbacks", "custom_llm_provider");

  private static final String GATEWAY = "gateway:/";
  private static final String CODE =
      """
      Custom scorer registration (using @scorer decorator) is disabled by default \
      outside of Databricks tracking environments due to security concerns. \
      Custom scorers require arbitrary code execution during deserialization.

      To use custom scorers:
      1. Configure MLflow to use a Databricks tracking URI, or
      2. Manage your custom scorer code in a source code repository \
      (e.g., GitHub) and import it directly, or
      3. On a self-managed MLflow server (or local environment) that you trust to run the \
      scorer's code, set the MLFLOW_SERVER_ENABLE_CUSTOM_SCORERS environment variable to true, or
      4. Use built-in scorers or make_judge() scorers instead.\
      """;

  private SerializedScorer() {}

  /**
   * Reads a scorer.
   *
   * @throws MlflowException if it is none, holds code, or names where a judge asks
   */
  static JsonNode read(String serialized) {
    JsonNode scorer =
        PythonJson.loads(serialized)
            .orElseThrow(() -> MlflowException.invalid("serialized_scorer must be valid JSON"));
    if (holdsCode(scorer)) {
      throw MlflowException.invalid(CODE);
    }
    checkOthers(scorer);
    if (!scorer.isObject()) {
      throw MlflowException.invalid("serialized_scorer must be a JSON object");
    }
    return scorer;
  }

  private static boolean holdsCode(JsonNode value) {
    if (value.hasNonNull("call_source")) {
      return true;
    }
    for (JsonNode part : value) {
      if (holdsCode(part)) {
        return true;
      }
    }
    return false;
  }

  /** Looks at the scorers of other libraries, wherever they stand. */
  private static void checkOthers(JsonNode value) {
    JsonNode data = value.path("third_party_scorer_data");
    if (data.hasNonNull("kwargs")) {
      checkOptions(data.get("kwargs"));
    }
    value.forEach(SerializedScorer::checkOthers);
  }

  private static void checkOptions(JsonNode options) {
    if (!options.isObject()) {
      throw MlflowException.invalid(
          "third_party_scorer_data.kwargs must be a JSON object, got %s."
              .formatted(Python.type(options)));
    }
    Set<String> found = new TreeSet<>();
    addDestinations(options, found);
    if (!found.isEmpty()) {
      throw MlflowException.invalid(
          ("third_party_scorer_data.kwargs must not contain %s: these options choose where the "
                  + "scorer's LLM client sends requests. Configure the judge endpoint on the "
                  + "server instead, for example through a gateway endpoint ('gateway:/<name>') or "
                  + "the provider's environment variables.")
              .formatted(found.stream().map(Python::repr).collect(Collectors.joining(", "))));
    }
  }

  /** Pairs in a list are options, too. */
  private static void addDestinations(JsonNode value, Set<String> found) {
    value
        .properties()
        .forEach(option -> {
          if (DESTINATIONS.contains(option.getKey())) {
            found.add(option.getKey());
          }
        });
    for (JsonNode part : value) {
      if (value.isArray() && part.size() == 2 && DESTINATIONS.contains(part.path(0).textValue())) {
        found.add(part.get(0).textValue());
      }
      addDestinations(part, found);
    }
  }

  /**
   * Looks at the model that a judge asks.
   *
   * @throws MlflowException if it is none, or an endpoint of MLflow's gateway, as there is none
   */
  static void checkModel(JsonNode scorer) {
    JsonNode model = model(scorer).orElse(null);
    if (model == null || model.isNull()) {
      return;
    }
    if (!model.isTextual()) {
      throw MlflowException.invalid(
          "Scorer model must be a string, got %s.".formatted(Python.type(model)));
    }
    String name = model.asText();
    if (name.isBlank()) {
      throw MlflowException.invalid("Scorer model cannot be empty or contain only whitespace.");
    }
    String endpoint =
        name.startsWith(GATEWAY) ? name.substring(GATEWAY.length()).replaceFirst("^/+", "") : "";
    if (!endpoint.isEmpty()) {
      throw MlflowException.missing("GatewayEndpoint not found (name='%s')".formatted(endpoint));
    }
  }

  private static Optional<JsonNode> model(JsonNode scorer) {
    for (String kind :
        new String[] {
          "instructions_judge_pydantic_data",
          "builtin_scorer_pydantic_data",
          "memory_augmented_judge_data",
          "third_party_scorer_data"
        }) {
      JsonNode data = scorer.path(kind);
      if (data.isObject() && !data.isEmpty()) {
        return kind.startsWith("memory")
            ? model(data.path("base_judge"))
            : Optional.ofNullable(data.get("model"));
      }
    }
    return Optional.empty();
  }
}
