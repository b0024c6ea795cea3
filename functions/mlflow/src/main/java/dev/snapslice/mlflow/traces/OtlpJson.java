package dev.snapslice.mlflow.traces;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.snapslice.core.json.Json;
import java.io.IOException;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Reads OpenTelemetry's messages as OTLP writes them in JSON, into the same as {@link OtlpReader}.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding">OTLP's JSON</a>
 */
final class OtlpJson {
  private OtlpJson() {}

  /**
   * Reads a request.
   *
   * @throws OtlpException if it is none
   */
  static ObjectNode read(byte[] request) throws OtlpException {
    try {
      return message(Json.MAPPER.readTree(request), OtlpField.REQUEST, 0);
    } catch (IOException | IllegalArgumentException e) {
      throw OtlpReader.invalid();
    }
  }

  private static ObjectNode message(JsonNode json, String name, int depth) throws OtlpException {
    if (!json.isObject() || depth > OtlpReader.DEEPEST) {
      throw OtlpReader.invalid();
    }
    ObjectNode message = Json.MAPPER.createObjectNode();
    for (OtlpField field : OtlpField.MESSAGES.get(name).values()) {
      JsonNode sent = json.has(field.name()) ? json.get(field.name()) : json.get(field.jsonName());
      if (sent == null || sent.isNull()) {
        continue;
      }
      if (!field.repeated()) {
        message.set(field.name(), value(sent, field, depth));
        continue;
      }
      for (JsonNode each : sent) {
        message.withArray("/" + field.name()).add(value(each, field, depth));
      }
    }
    return OtlpField.withoutNothing(message);
  }

  private static JsonNode value(JsonNode sent, OtlpField field, int depth) throws OtlpException {
    return switch (field.kind()) {
      case TEXT, BYTES -> TextNode.valueOf(sent.asText());
      case ID ->
          TextNode.valueOf(
              Base64.getEncoder().encodeToString(HexFormat.of().parseHex(sent.asText())));
      case MESSAGE -> message(sent, field.of(), depth + 1);
      case INTEGER, NANOS -> LongNode.valueOf(Long.parseLong(sent.asText()));
      case FLAG -> BooleanNode.valueOf(sent.asBoolean());
      case STATUS ->
          OtlpReader.STATUSES.contains(sent.asText())
              ? TextNode.valueOf(sent.asText())
              : OtlpReader.status(Long.parseLong(sent.asText()));
      case NUMBER -> OtlpReader.number(Double.parseDouble(sent.asText()));
    };
  }
}
