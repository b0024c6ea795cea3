package dev.snapslice.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * A JSON object of a message, and where in the message it is. What is missing or of another type is
 * told with its place.
 */
record Fields(String place, JsonNode object) {
  /** The year 10000, from which on times have no four-digit year. */
  private static final Instant END = Instant.parse("9999-12-31T23:59:59.999Z").plusMillis(1);

  /** An object within, which has to be there. */
  Fields within(String name) {
    JsonNode value = object.path(name);
    if (!value.isObject()) {
      throw new MalformedMessageException(at(name) + " is no object");
    }
    return new Fields(at(name), value);
  }

  /** A text that may be absent; an empty one is. */
  Optional<String> text(String name) {
    JsonNode value = object.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw new MalformedMessageException(at(name) + " is no text");
    }
    return Optional.of(value.textValue()).filter(text -> !text.isEmpty());
  }

  /** A text that has to be there. */
  String required(String name) {
    return text(name).orElseThrow(() -> new MalformedMessageException(at(name) + " is missing"));
  }

  /** A size in bytes that has to be there. */
  long size(String name) {
    JsonNode value = object.path(name);
    if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
      throw new MalformedMessageException(at(name) + " is no size in bytes");
    }
    return value.longValue();
  }

  /** The same with a number that is 0 where it is not there. */
  Fields orZero(String name) {
    return object.has(name)
        ? this
        : new Fields(place, ((ObjectNode) object).deepCopy().put(name, 0));
  }

  /** A time that has to be there, as RFC 3339 with an offset. */
  Instant time(String name) {
    String text = required(name);
    try {
      Instant time = Instant.parse(text);
      if (!time.isBefore(Instant.EPOCH) && time.isBefore(END)) {
        return time;
      }
    } catch (DateTimeException e) {
      throw new MalformedMessageException(
          "%s is '%s', no time with an offset".formatted(at(name), text), e);
    }
    throw new MalformedMessageException(
        "%s is '%s', not between 1970 and 9999".formatted(at(name), text));
  }

  String at(String name) {
    return place.isEmpty() ? name : place + "." + name;
  }
}
