package dev.snapslice.mlflow.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * A message that was sent as JSON, read as MLflow reads it: by protobuf's rules, unknown fields
 * ignored. What protobuf cannot read is passed over, and refused only if one of the fields that are
 * looked at has the wrong type. Protobuf would pass over all that stands behind it, too: here each
 * field is read for itself, so that whoever looks at some of them sees what others see.
 *
 * @see <a href="https://protobuf.dev/programming-guides/json/">ProtoJSON</a>
 */
public final class Message {
  /** How MLflow ends what it says of a field. */
  public static final String HINT =
      " See the API docs for more information about request parameters.";

  private final Map<String, Object> values = new HashMap<>();

  private Message() {}

  /** One of which nothing was sent. */
  public static Message empty() {
    return new Message();
  }

  /**
   * Reads the fields of a request.
   *
   * @throws MlflowException if a field is missing, has the wrong type, or is there by both its
   *     names
   */
  public static Message read(JsonNode json, List<Field> fields) {
    refuseTwins(json, fields);
    Message message = new Message();
    boolean whole = message.fill(json, fields);
    for (Field field : fields) {
      JsonNode value = sent(json, field);
      if (field.required() && isEmpty(value)) {
        throw MlflowException.invalid(
            "Missing value for required parameter '%s'.%s".formatted(field.name(), HINT));
      }
      if (!whole && value != null && !fits(value, field)) {
        throw MlflowException.invalid(
            "Invalid value %s for parameter '%s' supplied:  Hint: Value was of type '%s'.%s"
                .formatted(Python.json(value), field.name(), Python.type(value), HINT));
      }
    }
    return message;
  }

  /** What older clients and the UI call {@code run_uuid} counts as {@code run_id}. */
  private static JsonNode sent(JsonNode json, Field field) {
    return field.name().equals("run_id") && !json.hasNonNull("run_id")
        ? json.get("run_uuid")
        : json.get(field.name());
  }

  private static boolean isEmpty(JsonNode value) {
    return value == null || value.isNull() || (value.isTextual() && value.asText().isEmpty());
  }

  private static void refuseTwins(JsonNode json, List<Field> fields) {
    for (Field field : fields) {
      String other = field.jsonName();
      if (!other.equals(field.name()) && json.has(field.name()) && json.has(other)) {
        throw MlflowException.invalid(
            "Request specifies both '%s' and '%s'; provide only one of them."
                .formatted(field.name(), other));
      }
      JsonNode value = json.has(field.name()) ? json.get(field.name()) : json.path(other);
      if (value.isArray()) {
        value.forEach(element -> refuseTwins(element, field.of()));
      } else {
        refuseTwins(value, field.of());
      }
    }
  }

  /** Whether a value passes for the type: less strict than protobuf. */
  private static boolean fits(JsonNode value, Field field) {
    return switch (field.kind()) {
      case TEXT -> value.isTextual();
      case INTEGER -> value.isNumber() || value.isBoolean() || Python.isInteger(value.asText());
      case NUMBER -> value.isNumber() || value.isBoolean() || Python.isFloat(value.asText());
      case FLAG -> value.isBoolean();
      case CHOICE, MESSAGE, JSON -> true;
      case TEXTS, MESSAGES -> value.isArray();
    };
  }

  /** False if something was passed over. */
  private boolean fill(JsonNode json, List<Field> fields) {
    Map<String, Field> byName = new HashMap<>();
    for (Field field : fields) {
      byName.put(field.name(), field);
      byName.put(field.jsonName(), field);
    }
    boolean whole = json.isObject();
    for (var property : json.properties()) {
      Field field = byName.get(property.getKey());
      JsonNode value = property.getValue();
      if (field != null && !value.isNull() && !isUnknownChoice(value, field)) {
        whole &= put(field, value);
      }
    }
    return whole;
  }

  private boolean put(Field field, JsonNode json) {
    if (!field.repeated()) {
      return read(json, field, value -> values.put(field.name(), value));
    }
    if (!json.isArray()) {
      return false;
    }
    List<Object> elements = new ArrayList<>();
    values.put(field.name(), elements);
    boolean whole = true;
    for (JsonNode element : json) {
      whole &= read(element, field, elements::add);
    }
    return whole;
  }

  private static boolean read(JsonNode json, Field field, Consumer<Object> keep) {
    if (field.of().isEmpty() || !json.isObject()) {
      Optional<?> value = value(json, field);
      value.ifPresent(keep);
      return value.isPresent();
    }
    Message message = new Message();
    keep.accept(message);
    return message.fill(json, field.of());
  }

  /** A word that a newer client may know; protobuf passes over it, but not over a number. */
  private static boolean isUnknownChoice(JsonNode value, Field field) {
    return field.kind() == Field.Kind.CHOICE
        && value.isTextual()
        && !field.names().contains(value.asText())
        && !Python.isInteger(value.asText());
  }

  /** What protobuf reads; empty if it cannot. */
  private static Optional<?> value(JsonNode json, Field field) {
    return switch (field.kind()) {
      case TEXT, TEXTS -> Optional.ofNullable(json.textValue());
      case INTEGER -> integer(json);
      case NUMBER -> number(json);
      case FLAG -> flag(json);
      case CHOICE -> choice(json, field.names());
      case JSON -> Optional.of(json);
      case MESSAGE, MESSAGES -> Optional.empty();
    };
  }

  private static Optional<Long> integer(JsonNode json) {
    try {
      if (json.isTextual()) {
        return Optional.of(Long.parseLong(json.asText()));
      }
      if (json.isNumber()) {
        return Optional.of(json.decimalValue().longValueExact());
      }
    } catch (ArithmeticException | NumberFormatException e) {
      // No number, no whole one, or too large.
    }
    return Optional.empty();
  }

  private static Optional<Double> number(JsonNode json) {
    if (json.isNumber() || json.isBoolean()) {
      return Optional.of(json.asDouble());
    }
    return json.isTextual() && !json.asText().equals("nan") && Python.isFloat(json.asText())
        ? Optional.of(Python.toFloat(json.asText()))
        : Optional.empty();
  }

  private static Optional<Boolean> flag(JsonNode json) {
    return json.isBoolean() || json.asText().equals("true") || json.asText().equals("false")
        ? Optional.of(json.asBoolean())
        : Optional.empty();
  }

  private static Optional<String> choice(JsonNode json, List<String> names) {
    return json.isTextual() && names.contains(json.asText())
        ? Optional.of(json.asText())
        : integer(json)
            .filter(number -> number >= 1 && number <= names.size())
            .map(number -> names.get((int) (number - 1)));
  }

  public boolean has(String field) {
    return values.containsKey(field);
  }

  /** A text; empty where it was not sent. */
  public String text(String field) {
    return (String) values.getOrDefault(field, "");
  }

  /** A text, if one was sent that is not empty. */
  public Optional<String> given(String field) {
    return Optional.of(text(field)).filter(text -> !text.isEmpty());
  }

  public long integer(String field, long otherwise) {
    return (long) values.getOrDefault(field, otherwise);
  }

  public double number(String field) {
    return (double) values.getOrDefault(field, 0.0);
  }

  public boolean flag(String field, boolean otherwise) {
    return (boolean) values.getOrDefault(field, otherwise);
  }

  public Optional<JsonNode> json(String field) {
    return Optional.ofNullable((JsonNode) values.get(field));
  }

  @SuppressWarnings("unchecked") // fill() has put it
  public List<String> texts(String field) {
    return (List<String>) values.getOrDefault(field, List.of());
  }

  @SuppressWarnings("unchecked") // fill() has put it
  public List<Message> messages(String field) {
    return (List<Message>) values.getOrDefault(field, List.of());
  }

  /** Messages of a key and a value each, by key; of those with the same key the last. */
  public SortedMap<String, String> pairs(String field) {
    SortedMap<String, String> pairs = new TreeMap<>();
    messages(field).forEach(pair -> pairs.put(pair.text("key"), pair.text("value")));
    return pairs;
  }

  /** The same in the order in which they were written, as MLflow checks them. */
  public void eachPair(String field, BiConsumer<String, String> check) {
    messages(field).forEach(pair -> check.accept(pair.text("key"), pair.text("value")));
  }

  public Optional<Message> message(String field) {
    return Optional.ofNullable((Message) values.get(field));
  }
}
