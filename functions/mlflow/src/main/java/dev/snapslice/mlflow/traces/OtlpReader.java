package dev.snapslice.mlflow.traces;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.snapslice.core.json.Json;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;

/**
 * Reads OpenTelemetry's messages as protobuf writes them, into what ProtoJSON makes of them with
 * protobuf's names and numbers as such. Fields that nobody asks for are passed over.
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/">Encoding</a>
 */
final class OtlpReader {
  /** As deep as protobuf reads messages. */
  static final int DEEPEST = 100;

  private static final int LONGEST_NUMBER = 10;
  static final List<String> STATUSES =
      List.of("STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR");

  private OtlpReader() {}

  /**
   * Reads a request.
   *
   * @throws OtlpException if it is none
   */
  static ObjectNode read(byte[] request) throws OtlpException {
    try {
      return message(ByteBuffer.wrap(request), OtlpField.REQUEST, 0);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw invalid();
    }
  }

  static OtlpException invalid() {
    return new OtlpException(400, "Invalid OpenTelemetry format");
  }

  private static ObjectNode message(ByteBuffer in, String name, int depth) throws OtlpException {
    if (depth > DEEPEST) {
      throw invalid();
    }
    in.order(ByteOrder.LITTLE_ENDIAN);
    ObjectNode message = Json.MAPPER.createObjectNode();
    var fields = OtlpField.MESSAGES.get(name);
    while (in.hasRemaining()) {
      long tag = number(in);
      int wireType = (int) (tag & 7);
      OtlpField field = fields.get((int) (tag >>> 3));
      if (field == null || field.kind().wireType() != wireType) {
        pass(in, wireType);
      } else {
        JsonNode value = value(in, field, depth);
        if (field.repeated()) {
          message.withArray("/" + field.name()).add(value);
        } else {
          if (name.equals("AnyValue")) {
            message.removeAll(); // of a choice the last one counts
          }
          message.set(field.name(), value);
        }
      }
    }
    return OtlpField.withoutNothing(message);
  }

  private static JsonNode value(ByteBuffer in, OtlpField field, int depth) throws OtlpException {
    return switch (field.kind()) {
      case TEXT -> TextNode.valueOf(new String(bytes(in), UTF_8));
      case ID, BYTES -> TextNode.valueOf(Base64.getEncoder().encodeToString(bytes(in)));
      case MESSAGE -> message(ByteBuffer.wrap(bytes(in)), field.of(), depth + 1);
      case INTEGER -> LongNode.valueOf(number(in));
      case FLAG -> BooleanNode.valueOf(number(in) != 0);
      case STATUS -> status(number(in));
      case NANOS -> LongNode.valueOf(in.getLong());
      case NUMBER -> number(in.getDouble());
    };
  }

  static JsonNode status(long code) {
    return TextNode.valueOf(
        code >= 0 && code < STATUSES.size() ? STATUSES.get((int) code) : STATUSES.getFirst());
  }

  /** JSON knows no other numbers. */
  static JsonNode number(double value) {
    if (Double.isNaN(value)) {
      return TextNode.valueOf("NaN");
    }
    return Double.isInfinite(value)
        ? TextNode.valueOf(value > 0 ? "Infinity" : "-Infinity")
        : DoubleNode.valueOf(value);
  }

  private static long number(ByteBuffer in) throws OtlpException {
    long number = 0;
    for (int i = 0; i < LONGEST_NUMBER; i++) {
      byte next = in.get();
      number |= (next & 0x7fL) << (7 * i);
      if (next >= 0) {
        return number;
      }
    }
    throw invalid();
  }

  private static byte[] bytes(ByteBuffer in) throws OtlpException {
    long length = number(in);
    if (length < 0 || length > in.remaining()) {
      throw invalid();
    }
    byte[] bytes = new byte[(int) length];
    in.get(bytes);
    return bytes;
  }

  private static void pass(ByteBuffer in, int wireType) throws OtlpException {
    switch (wireType) {
      case 0 -> number(in);
      case 1 -> in.getLong();
      case 2 -> bytes(in);
      case 5 -> in.getInt();
      default -> throw invalid();
    }
  }
}
