package dev.snapslice.mlflow.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.snapslice.core.json.Json;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** JSON inside of texts, as Python's {@code json} reads and writes it. */
public final class PythonJson {
  /** Twice as deep as protobuf reads messages, and not so deep that we cannot follow. */
  private static final StreamReadConstraints LIMITS =
      StreamReadConstraints.builder().maxNestingDepth(200).build();

  /** Python writes and reads numbers that JSON does not know. */
  static final ObjectReader READER =
      JsonMapper.builder(JsonFactory.builder().streamReadConstraints(LIMITS).build())
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .build()
          .reader();

  private static final ObjectReader WHOLE =
      READER.with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private PythonJson() {}

  /** What {@code json.loads} makes of a text; empty where it fails. */
  public static Optional<JsonNode> loads(String text) {
    try {
      return Optional.of(WHOLE.readTree(text)).filter(json -> !json.isMissingNode());
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** {@code json.dumps}. */
  public static String dumps(JsonNode value) {
    return dumps(value, false, Python::quoted);
  }

  /** The same, with characters that are not ASCII as they are. */
  public static String unicode(JsonNode value) {
    return dumps(value, false, Json::write);
  }

  /** {@code json.dumps} with sorted keys. */
  public static String sorted(JsonNode value) {
    return dumps(value, true, Python::quoted);
  }

  private static String dumps(JsonNode value, boolean sorted, UnaryOperator<String> quoted) {
    return switch (value.getNodeType()) {
      case STRING -> quoted.apply(value.asText());
      case ARRAY ->
          StreamSupport.stream(value.spliterator(), false)
              .map(element -> dumps(element, sorted, quoted))
              .collect(Collectors.joining(", ", "[", "]"));
      case OBJECT -> {
        Stream<Map.Entry<String, JsonNode>> members = value.properties().stream();
        yield (sorted ? members.sorted(Map.Entry.comparingByKey()) : members)
            .map(
                each -> quoted.apply(each.getKey()) + ": " + dumps(each.getValue(), sorted, quoted))
            .collect(Collectors.joining(", ", "{", "}"));
      }
      case NUMBER -> number(value);
      default -> value.toString();
    };
  }

  private static String number(JsonNode value) {
    if (value.isIntegralNumber()) {
      return value.asText();
    }
    double number = value.asDouble();
    if (Double.isNaN(number)) {
      return "NaN";
    }
    if (Double.isInfinite(number)) {
      return number > 0 ? "Infinity" : "-Infinity";
    }
    return Python.repr(number);
  }
}
