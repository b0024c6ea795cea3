package dev.snapslice.proxy.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer, its body still to be read: closed by who sends it.
 *
 * @param headers by name, a content-length among them
 */
public record S3Response(int status, Map<String, String> headers, InputStream body) {

  public static S3Response xml(int status, String document) {
    byte[] bytes = document.getBytes(UTF_8);
    return new S3Response(
        status,
        Map.of("content-type", "application/xml", "content-length", "" + bytes.length),
        new ByteArrayInputStream(bytes));
  }

  /** The body of a document that is small and at hand. */
  public String text() {
    try {
      return new String(body.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Headers alone. */
  public static S3Response empty(int status, Map<String, String> headers) {
    return new S3Response(status, headers, InputStream.nullInputStream());
  }

  S3Response with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new S3Response(status, more, body);
  }
}
