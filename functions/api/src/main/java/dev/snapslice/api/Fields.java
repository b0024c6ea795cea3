package dev.snapslice.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.snapslice.core.json.Json;
import dev.snapslice.core.time.TimeSpec;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The fields of a JSON object that was sent. One that is not known is refused: a grant with a
 * misspelt limit must not become one without.
 */
final class Fields {
  private final JsonNode object;

  private Fields(JsonNode object) {
    this.object = object;
  }

  static Fields parse(byte[] body, String... known) {
    if (body.length == 0) {
      throw Problem.invalid("the body is missing");
    }
    try {
      return of(Json.MAPPER.readTree(body), known);
    } catch (IOException e) {
      throw Problem.invalid("the body is no JSON");
    }
  }

  private static Fields of(JsonNode object, String... known) {
    if (object == null || !object.isObject()) {
      throw Problem.invalid("the body is no JSON object");
    }
    Set<String> names = Set.of(known);
    object
        .fieldNames()
        .forEachRemaining(name -> {
          if (!names.contains(name)) {
            throw Problem.invalid("the field '" + name + "' is not known here");
          }
        });
    return new Fields(object);
  }

  String required(String name) {
    return text(name).orElseThrow(() -> Problem.invalid("the field '" + name + "' is missing"));
  }

  Optional<String> text(String name) {
    JsonNode value = object.path(name);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw Problem.invalid("the field '" + name + "' is no text");
    }
    return Optional.of(value.asText());
  }

  /** The field {@code prefix}, empty if it is left out. */
  String prefix() {
    return Request.bounded(text("prefix").orElse(""));
  }

  Optional<Boolean> flag(String name) {
    JsonNode value = object.path(name);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    if (!value.isBoolean()) {
      throw Problem.invalid("the field '" + name + "' is neither true nor false");
    }
    return Optional.of(value.asBoolean());
  }

  Optional<Long> number(String name, long least, long most) {
    JsonNode value = object.path(name);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw Problem.invalid("the field '" + name + "' is no whole number");
    }
    if (value.asLong() < least || value.asLong() > most) {
      throw Problem.invalid("the field '%s' is from %d to %d".formatted(name, least, most));
    }
    return Optional.of(value.asLong());
  }

  Optional<Instant> time(String name) {
    return text(name).map(text -> TimeSpec.parseAny(text).at());
  }

  /** Texts; none if the field is left out, at least one if it is not. */
  List<String> texts(String name) {
    JsonNode array = object.path(name);
    List<String> texts = new ArrayList<>();
    for (JsonNode element : array) {
      if (!element.isTextual()) {
        throw Problem.invalid("the field '" + name + "' holds what is no text");
      }
      texts.add(element.asText());
    }
    if (!array.isMissingNode() && (!array.isArray() || texts.isEmpty())) {
      throw Problem.invalid("the field '" + name + "' is no list of texts");
    }
    return texts;
  }

  Optional<Fields> object(String name, String... known) {
    JsonNode value = object.path(name);
    return value.isMissingNode() ? Optional.empty() : Optional.of(of(value, known));
  }
}
