package dev.snapslice.mlflow.traces;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** What comes from outside is read or refused, whatever it is. */
class OtlpReaderTest {
  @FunctionalInterface
  private interface Reader {
    JsonNode read(byte[] request) throws OtlpException;
  }

  private static void readsOrRefuses(Reader reader, byte[] request) {
    try {
      assertThat(reader.read(request)).isNotNull();
    } catch (OtlpException e) {
      assertThat(e.reply().status()).isEqualTo(400);
    }
  }

  @Property(tries = 500)
  void any_bytes_are_read_or_refused(@ForAll byte[] request) {
    readsOrRefuses(OtlpReader::read, request);
  }

  @Property(tries = 200)
  void any_text_is_read_or_refused(@ForAll String text, @ForAll byte number) {
    String request =
        "{\"resourceSpans\": [{\"scopeSpans\": [{\"spans\": [{\"traceId\": \"%s\", \"kind\": %d}]}]}]}"
            .formatted(text, number);

    readsOrRefuses(OtlpJson::read, text.getBytes(UTF_8));
    readsOrRefuses(OtlpJson::read, request.getBytes(UTF_8));
  }

  @Test
  void messages_in_messages_without_end_are_refused() {
    // A value that is a list of a value, and so on, as the attribute of a resource.
    byte[] request = new byte[0];
    for (int i = 0; i < 400; i++) {
      request = field(1, field(5, request));
    }
    byte[] nested = field(1, field(1, field(1, field(2, field(5, request)))));

    assertThatThrownBy(() -> OtlpReader.read(nested)).isInstanceOf(OtlpException.class);
  }

  private static byte[] field(int number, byte[] message) {
    byte[] field = new byte[message.length + 4];
    field[0] = (byte) ((number << 3) | 2);
    field[1] = (byte) ((message.length & 0x7f) | 0x80);
    field[2] = (byte) (((message.length >> 7) & 0x7f) | 0x80);
    field[3] = (byte) (message.length >> 14);
    System.arraycopy(message, 0, field, 4, message.length);
    return field;
  }
}
